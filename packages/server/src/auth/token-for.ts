/**
 * A token for an e-mail, without a password: for whoever holds the server's secret and its database anyway, such as
 * a developer with the command. Makes the user where there is none; that one can't sign in with a password.
 */
import { checkProfile } from './account-input.ts';
import { tidyEmail } from './email.ts';
import type { User, UserStore } from './ports.ts';
import type { Tokens } from './tokens.ts';

export type IssuedToken =
  | {
      readonly ok: true;
      readonly token: string;
      /** Milliseconds since 1970. */
      readonly expiresAt: number;
      readonly user: User;
      readonly created: boolean;
    }
  | { readonly ok: false; readonly problem: string };

export async function tokenFor(parts: {
  readonly users: UserStore;
  readonly tokens: Tokens;
  readonly email: string;
}): Promise<IssuedToken> {
  const { users, tokens } = parts;
  const email = tidyEmail(parts.email);
  const problem = checkProfile({ email });
  if (problem) return { ok: false, problem };
  const created = await users.createUser({ email, username: email, passwordHash: null });
  const user = created.outcome === 'created' ? created.user : (await users.credentialsByEmail(email))?.user;
  if (!user?.isActive) return { ok: false, problem: 'The user with this e-mail has been deactivated.' };
  return { ok: true, ...(await tokens.issue(user.id)), user, created: created.outcome === 'created' };
}
