/**
 * Takes over a user whom an app has made on its device, with the id and the hash from there. Nobody who is here already
 * is changed. The hash is compared at sign-in and replaced by one of the server's own then.
 */
import { checkAccount, type User } from '@ackord/server';
import type { FinanceTools } from '../tools.ts';

export type ImportedUser =
  | { readonly outcome: 'created'; readonly user: User }
  | { readonly outcome: 'known' }
  /** A sentence that says what is wrong. */
  | { readonly outcome: 'refused'; readonly problem: string };

export async function importUser(
  { users, now }: Pick<FinanceTools, 'users' | 'now'>,
  sent: {
    readonly id: string;
    readonly username: string;
    readonly email: string;
    readonly passwordHash: string | null;
  },
): Promise<ImportedUser> {
  const checked = checkAccount(sent);
  if ('problem' in checked) return { outcome: 'refused', problem: checked.problem };
  const at = now();
  const [outcome] = await users.importUsers([
    {
      ...sent,
      email: checked.email,
      firstName: null,
      lastName: null,
      profileImageUrl: null,
      isActive: true,
      isEmailVerified: false,
      lastLoginAt: null,
      roles: [],
      createdAt: at,
      updatedAt: at,
    },
  ]);
  const [user] = outcome === 'created' ? await users.usersById([sent.id]) : [];
  if (user) return { outcome: 'created', user };
  return outcome === 'known'
    ? { outcome: 'known' }
    : { outcome: 'refused', problem: 'The e-mail is already registered.' };
}
