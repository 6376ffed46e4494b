/**
 * Who is it? (rung 2): takes the header `Authorization`, answers with an actor, with `anonymous` and the reason, or
 * with `unavailable` when that can't be known just now. A bad token never ends a request: it makes it anonymous.
 */
import { createHash } from 'node:crypto';
import { isEmail, tidyEmail } from './email.ts';
import { type Authenticate, type Authentication, isUnavailable, type User, type UserStore } from './ports.ts';
import type { Tokens, VerifiedToken } from './tokens.ts';
import type { UserCache } from './user-cache.ts';

type External = Extract<VerifiedToken, { outcome: 'external' }>;

export function createAuthenticate(parts: {
  readonly tokens: Tokens;
  readonly users: UserStore;
  readonly cache: UserCache;
}): Authenticate {
  const { tokens, users, cache } = parts;
  const externalIds = new Map<string, string>();

  const userOf = async (
    token: Exclude<VerifiedToken, { outcome: 'refused' | 'unavailable' }>,
  ): Promise<User | null> => {
    if (token.outcome === 'internal') return cache.user(token.userId.toLowerCase());
    const key = JSON.stringify([token.issuer, token.subject]);
    const known = externalIds.get(key);
    const user = known === undefined ? null : await cache.user(known);
    if (user) return user;
    const made = await externalUser(users, token);
    // The identity of a user never changes, so this is only ever a shortcut; it is bounded by starting afresh.
    if (externalIds.size >= EXTERNAL_IDS_MAX) externalIds.clear();
    externalIds.set(key, made.id);
    return made;
  };

  return async (authorization) => {
    const token = bearerToken(authorization);
    if (typeof token !== 'string') return token;
    const verified = await tokens.verify(token);
    if (verified.outcome === 'unavailable') return verified;
    if (verified.outcome === 'refused') return { outcome: 'anonymous', reason: verified.reason };
    try {
      const user = await userOf(verified);
      if (!user) return { outcome: 'anonymous', reason: 'unknown-user' };
      if (!user.isActive) return { outcome: 'anonymous', reason: 'inactive-user' };
      return {
        outcome: 'actor',
        actor: { userId: user.id },
        user,
        session: sessionOf(token),
        expiresAt: verified.expiresAt,
      };
    } catch (error) {
      if (isUnavailable(error)) return { outcome: 'unavailable', cause: error.message };
      throw error;
    }
  };
}

/** 132 bits of a hash: the token itself is nothing to keep. */
const sessionOf = (token: string): string =>
  `session ${createHash('sha256').update(token).digest('base64url').slice(0, 22)}`;

const EXTERNAL_IDS_MAX = 50_000;

function bearerToken(authorization: string | undefined): string | Authentication {
  if (authorization === undefined || authorization === '')
    return { outcome: 'anonymous', reason: 'no-token' };
  const match = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization);
  return match?.[1] ?? { outcome: 'anonymous', reason: 'malformed' };
}

/**
 * A user of an identity provider gets an account at the first visit. Its e-mail is kept when the provider has verified
 * it and nobody has it; it never leads to an account that exists, for that would hand the account to whoever gets
 * a provider to say the right e-mail.
 */
async function externalUser(users: UserStore, token: External): Promise<User> {
  const { issuer, subject } = token;
  const email = token.email === null ? null : tidyEmail(token.email);
  if (email !== null && isEmail(email)) {
    const found = await users.externalUser({ issuer, subject, email, emailVerified: true });
    if (found.outcome === 'user') return found.user;
  }
  const found = await users.externalUser({
    issuer,
    subject,
    email: inventedEmail(issuer, subject),
    emailVerified: false,
  });
  if (found.outcome === 'user') return found.user;
  throw new Error('The invented e-mail of an external user belongs to someone else');
}

/** An address that no mail can reach (`.invalid` is reserved for that) and that nobody can register here by chance. */
function inventedEmail(issuer: string, subject: string): string {
  const name = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex')
    .slice(0, 40);
  return `${name}@users.invalid`;
}
