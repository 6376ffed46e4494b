/**
 * What a person can do with an account: register, sign in, change the profile. Answers tell nobody whether an e-mail
 * is known, except registration, which has to. Attempts are limited per e-mail and per address.
 */
import { type ErrorCode, errorText, LIMITS } from '@ackord/core';
import { addressKey } from '../limits/address-key.ts';
import { createTokenBuckets } from '../limits/token-buckets.ts';
import { checkCredentials, checkProfile, isPlainText } from './account-input.ts';
import { tidyEmail } from './email.ts';
import type { Passwords } from './passwords.ts';
import {
  type AccountResult,
  type Accounts,
  type Caller,
  isUnavailable,
  type SignIn,
  type User,
  type UserCredentials,
  type UserStore,
} from './ports.ts';
import type { Tokens } from './tokens.ts';
import type { UserCache } from './user-cache.ts';

export type LoginOutcome = 'success' | 'refused' | 'limited' | 'unavailable';

export interface AccountParts {
  readonly users: UserStore;
  readonly cache: UserCache;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  /** Is told of every sign-in: outcome and duration in milliseconds. */
  readonly onLogin?: (outcome: LoginOutcome, milliseconds: number) => void;
  readonly limits?: { readonly loginsPerMinuteMax: number; readonly registrationsPerMinuteMax: number };
}

const LIMITS_OF_CALLERS = {
  loginsPerMinuteMax: LIMITS.loginAttemptsPerMinuteMax,
  registrationsPerMinuteMax: LIMITS.registrationsPerMinuteMax,
};
const TAKEN = 'The e-mail is already registered.';
const NAME_TAKEN = 'The user name is already taken.';
const BUSY_MS = 1_000;

export function createAccounts(parts: AccountParts): Accounts {
  const { users, cache, passwords, tokens, onLogin, limits = LIMITS_OF_CALLERS } = parts;
  const keysMax = LIMITS.trackedCallersMax;
  const attempts = createTokenBuckets({ perMinuteMax: limits.loginsPerMinuteMax, keysMax });
  const registrations = createTokenBuckets({ perMinuteMax: limits.registrationsPerMinuteMax, keysMax });

  const register: Accounts['register'] = async (credentials, caller) => {
    const email = tidyEmail(credentials.email);
    const { username } = credentials;
    const chosen = username === undefined ? {} : { username: username.trim() };
    const problem = checkCredentials({ ...credentials, email }) ?? checkProfile(chosen);
    if (problem) return refuse('BAD_USER_INPUT', problem);
    const allowed = registrations.take(addressKey(caller.address));
    if (!allowed.ok) return refuse('RATE_LIMITED', undefined, allowed.retryAfterMs);
    const hash = await passwords.hash(credentials.password);
    if (!hash.ok) return refuse('RATE_LIMITED', undefined, BUSY_MS);
    // Registration sets the user name to the e-mail: clients rely on it until the profile is filled in.
    const created = await users.createUser({
      email,
      username: email,
      ...chosen,
      usernameIsChosen: username !== undefined,
      passwordHash: hash.value,
    });
    switch (created.outcome) {
      case 'created':
        return { ok: true, user: created.user };
      case 'email-taken':
        return refuse('BAD_USER_INPUT', TAKEN);
      case 'username-taken':
        return refuse('BAD_USER_INPUT', NAME_TAKEN);
    }
  };

  // Every attempt is counted before it is looked at, so that many at once get no further than one by one.
  const signIn = async (
    credentials: SignIn,
    caller: Caller,
  ): Promise<AccountResult<{ token: string; user: User }>> => {
    const email = tidyEmail(credentials.email);
    const keys = [
      `address ${addressKey(caller.address)}`,
      `email ${email.toLowerCase().slice(0, LIMITS.emailLengthMax)}`,
    ];
    const allowed = attempts.take(...keys);
    if (!allowed.ok) return refuse('RATE_LIMITED', undefined, allowed.retryAfterMs);
    // What nobody can have as an e-mail is compared like everything else, only with nobody: the time tells nothing.
    const known = isPlainText(email) ? await look(email, credentials.orUsername ?? false) : null;
    const typed = credentials.password.slice(0, LIMITS.passwordLengthMax);
    const verified = await passwords.verify(typed, known?.passwordHash ?? null);
    if (!verified.ok) return refuse('RATE_LIMITED', undefined, BUSY_MS);
    if (!verified.value || !known?.passwordHash || !known.user.isActive)
      return refuse('BAD_USER_INPUT', 'E-mail or password is wrong.');
    for (const key of keys) attempts.refund(key);
    await renewHash(known.user.id, typed, known.passwordHash);
    await users.recordLogin(known.user.id);
    cache.forget(known.user.id);
    const { token } = await tokens.issue(known.user.id);
    return { ok: true, token, user: { ...known.user, lastLoginAt: Date.now() } };
  };

  const look = async (name: string, orUsername: boolean): Promise<UserCredentials | null> =>
    (await users.credentialsByEmail(name)) ?? (orUsername ? users.credentialsByUsername(name) : null);

  const renewHash = async (userId: string, password: string, stored: string): Promise<void> => {
    if (!passwords.outdated(stored, password)) return;
    const hash = await passwords.hash(password);
    if (hash.ok) await users.setPasswordHash(userId, hash.value);
  };

  const update: Accounts['update'] = async (actor, sent) => {
    const changes = sent.email === undefined ? sent : { ...sent, email: tidyEmail(sent.email) };
    const problem = checkProfile(changes);
    if (problem) return refuse('BAD_USER_INPUT', problem);
    const updated = await users.updateUser(actor.userId, changes);
    cache.forget(actor.userId);
    switch (updated.outcome) {
      case 'updated':
        return { ok: true, user: updated.user };
      case 'email-taken':
        return refuse('BAD_USER_INPUT', TAKEN);
      case 'username-taken':
        return refuse('BAD_USER_INPUT', NAME_TAKEN);
      case 'missing':
        return refuse('UNAUTHENTICATED');
    }
  };

  return {
    register: (credentials, caller) => answered(() => register(credentials, caller)),
    async login(credentials, caller) {
      const startedAt = performance.now();
      const result = await answered(() => signIn(credentials, caller));
      onLogin?.(loginOutcome(result), performance.now() - startedAt);
      return result;
    },
    update: (actor, changes) => answered(() => update(actor, changes)),
    async current(actor) {
      await users.recordLogin(actor.userId);
      cache.forget(actor.userId);
      return cache.user(actor.userId);
    },
  };
}

/** A database that can't be reached is an answer, not a defect. */
async function answered<T>(work: () => Promise<AccountResult<T>>): Promise<AccountResult<T>> {
  try {
    return await work();
  } catch (error) {
    if (isUnavailable(error)) return refuse('UNAVAILABLE', undefined, BUSY_MS);
    throw error;
  }
}

const refuse = (code: ErrorCode, detail?: string, retryAfterMs = 0) =>
  ({ ok: false, code, message: errorText(code, detail), retryAfterMs }) as const;

function loginOutcome(result: AccountResult<unknown>): LoginOutcome {
  if (result.ok) return 'success';
  if (result.code === 'RATE_LIMITED') return 'limited';
  return result.code === 'UNAVAILABLE' ? 'unavailable' : 'refused';
}
