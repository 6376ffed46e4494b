/** Accounts and callers on a real database: registration, sign-in, tokens of users who are gone, identity providers. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createRegistry, LIMITS } from '@ackord/core';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../../../../tests/support/postgres.ts';
import { createAccounts, type LoginOutcome } from '../../src/auth/accounts.ts';
import { createAuthenticate } from '../../src/auth/actor.ts';
import { createPasswords } from '../../src/auth/passwords.ts';
import type { Accounts, Authenticate } from '../../src/auth/ports.ts';
import { rememberTokens } from '../../src/auth/remembered-tokens.ts';
import { tokenFor } from '../../src/auth/token-for.ts';
import { createTokens, type Tokens } from '../../src/auth/tokens.ts';
import { createUserCache } from '../../src/auth/user-cache.ts';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres-store.ts';

const SECRET = 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZa';
const CHEAP = { logN: 4, r: 8, p: 1 };

let database: TestDatabase;
let postgres: PostgresStore;
let asOwner: pg.Client;

beforeAll(async () => {
  database = await (await getTestPostgres()).createDatabase();
  postgres = await openPostgresStore({ ...database, registry: createRegistry([]), log: () => {} });
  asOwner = new pg.Client({ connectionString: database.ownerUrl });
  await asOwner.connect();
});

afterAll(async () => {
  await asOwner?.end();
  await postgres?.close();
  await database?.drop();
});

/** As after a while: nothing is remembered between servers. */
interface AuthUnderTest {
  readonly accounts: Accounts;
  readonly authenticate: Authenticate;
  readonly tokens: Tokens;
  readonly outcomes: LoginOutcome[];
}

function server(
  options: {
    loginsPerMinuteMax?: number;
    registrationsPerMinuteMax?: number;
    keptMs?: number;
    logN?: number;
  } = {},
): AuthUnderTest {
  const {
    loginsPerMinuteMax = 1_000,
    registrationsPerMinuteMax = 1_000,
    keptMs = 0,
    logN = CHEAP.logN,
  } = options;
  const { users } = postgres;
  const cache = createUserCache(users, { keptMs });
  const external = { jwksUrl: provider.url, issuer: ISSUER, audience: AUDIENCE };
  const tokens = rememberTokens(createTokens({ secret: SECRET, external }));
  const outcomes: LoginOutcome[] = [];
  const accounts = createAccounts({
    users,
    cache,
    tokens,
    passwords: createPasswords({ ...CHEAP, logN }),
    limits: { loginsPerMinuteMax, registrationsPerMinuteMax },
    onLogin: (outcome) => outcomes.push(outcome),
  });
  return { accounts, tokens, outcomes, authenticate: createAuthenticate({ tokens, users, cache }) };
}

const newEmail = (): string => `person-${randomUUID()}@example.org`;
const here = { address: '192.0.2.1' };
const password = 'correct horse';

async function registered(accounts: Accounts, email = newEmail()) {
  const result = await accounts.register({ email, password }, here);
  if (!result.ok) throw new Error(result.message);
  return result.user;
}

describe('a chosen user name', () => {
  test('signs in beside the e-mail where that is asked for, in any case, and only there', async () => {
    const { accounts } = server();
    const [email, username] = [newEmail(), `Ada-${randomUUID()}`];
    const made = await accounts.register({ email, password, username }, here);
    expect(made).toMatchObject({ ok: true, user: { email, username } });
    const named = { email: username.toUpperCase(), password };
    expect(await accounts.login({ ...named, orUsername: true }, here)).toMatchObject({
      ok: true,
      user: { email },
    });
    expect(await accounts.login(named, here)).toMatchObject({ ok: false, code: 'BAD_USER_INPUT' });
  });

  test('is refused when somebody has it, and nobody is made', async () => {
    const { accounts } = server();
    const username = `Ada-${randomUUID()}`;
    await accounts.register({ email: newEmail(), password, username }, here);
    const email = newEmail();
    const again = await accounts.register({ email, password, username: username.toLowerCase() }, here);
    expect(again).toMatchObject({ ok: false, code: 'BAD_USER_INPUT' });
    expect(await postgres.users.credentialsByEmail(email)).toBeNull();
  });

  test('never opens the account of somebody whose e-mail it is', async () => {
    const { accounts } = server();
    const victim = await registered(accounts);
    await accounts.update({ userId: victim.id }, { username: `moved-${randomUUID()}` });
    await accounts.register({ email: newEmail(), password: 'another one', username: victim.email }, here);
    const asName = await accounts.login(
      { email: victim.email, password: 'another one', orUsername: true },
      here,
    );
    expect(asName.ok).toBe(false);
    const own = await accounts.login({ email: victim.email, password, orUsername: true }, here);
    expect(own).toMatchObject({ ok: true, user: { id: victim.id } });
  });
});

describe('register', () => {
  test('makes a user whose name is the e-mail, and gives no token', async () => {
    const { accounts } = server();
    const email = `New.${newEmail()}`;
    const result = await accounts.register({ email: `  ${email} `, password }, here);
    expect(result).toMatchObject({
      ok: true,
      user: { email, username: email, isActive: true, isEmailVerified: false, lastLoginAt: null, roles: [] },
    });
    expect(Object.keys(result)).not.toContain('token');
    expect(JSON.stringify(result)).not.toMatch(/scrypt|hash/i);
  });

  test('an e-mail belongs to one user, however it is written', async () => {
    const { accounts } = server();
    const user = await registered(accounts);
    const again = await accounts.register({ email: user.email.toUpperCase(), password: 'another one' }, here);
    expect(again).toMatchObject({
      ok: false,
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('already registered'),
    });
    expect(await accounts.login({ email: user.email, password }, here)).toMatchObject({ ok: true });
  });

  test('an accent makes no second address, however the keyboard wrote it', async () => {
    const { accounts, tokens } = server();
    const name = `Ren\u00e9.${newEmail()}`;
    const [composed, apart] = [name, name.normalize('NFD')];
    const made = await accounts.register({ email: apart, password }, here);
    if (!made.ok) throw new Error(made.message);
    expect(made.user).toMatchObject({ email: composed, username: composed });
    for (const email of [composed, apart]) {
      expect(await accounts.register({ email, password }, here)).toMatchObject({ ok: false });
      expect(await accounts.login({ email: ` ${email}`, password }, here)).toMatchObject({ ok: true });
      const issued = await tokenFor({ users: postgres.users, tokens, email });
      expect(issued).toMatchObject({ ok: true, created: false, user: { id: made.user.id } });
    }
    const other = await registered(accounts);
    const taken = await accounts.update({ userId: other.id }, { email: apart });
    expect(taken).toMatchObject({ ok: false, message: expect.stringContaining('already registered') });
  });

  test('of many at once with one e-mail exactly one wins', async () => {
    const { accounts } = server();
    const email = newEmail();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => accounts.register({ email, password }, here)),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test.each([
    ['no address', 'nobody', password],
    ['empty', '', password],
    ['NUL in the e-mail', 'a\u0000b@example.org', password],
    ['an address reserved for external users', 'a@users.invalid', password],
    ['too short', 'ok@example.org', '1234567'],
    ['too long', 'ok@example.org', 'x'.repeat(LIMITS.passwordLengthMax + 1)],
    ['NUL in the password', 'ok@example.org', 'correct\u0000horse'],
    ['half a character', 'ok@example.org', 'correct horse \ud83d'],
  ])('refused: %s', async (_name, email, secret) => {
    expect(await server().accounts.register({ email, password: secret }, here)).toMatchObject({
      ok: false,
      code: 'BAD_USER_INPUT',
    });
  });

  test('is limited per address', async () => {
    const { accounts } = server({ registrationsPerMinuteMax: 2 });
    await registered(accounts);
    await registered(accounts);
    const third = await accounts.register({ email: newEmail(), password }, here);
    expect(third).toMatchObject({ ok: false, code: 'RATE_LIMITED' });
    expect(third.ok || third.retryAfterMs).toBeGreaterThan(0);
    const elsewhere = { address: '192.0.2.2' };
    expect((await accounts.register({ email: newEmail(), password }, elsewhere)).ok).toBe(true);
  });
});

describe('login', () => {
  test('gives a token that opens, and notes the visit', async () => {
    const { accounts, authenticate, outcomes } = server();
    const user = await registered(accounts);
    const result = await accounts.login({ email: ` ${user.email.toUpperCase()}`, password }, here);
    if (!result.ok) throw new Error(result.message);
    const caller = await authenticate(`Bearer ${result.token}`);
    expect(caller).toMatchObject({ outcome: 'actor', actor: { userId: user.id } });
    expect(caller.outcome === 'actor' && caller.user.lastLoginAt).toBeGreaterThan(Date.now() - 60_000);
    expect(outcomes).toEqual(['success']);
  });

  test('says the same for an unknown e-mail, a wrong password, a deactivated user and one without a password', async () => {
    const { accounts } = server();
    const user = await registered(accounts);
    const sleeping = await registered(accounts);
    await asOwner.query('UPDATE ackord.app_user SET is_active = false WHERE id = $1', [sleeping.id]);
    const bare = newEmail();
    await postgres.users.createUser({ email: bare, username: bare, passwordHash: null });
    const answers = await Promise.all(
      [
        { email: newEmail(), password },
        { email: user.email, password: 'wrong horse' },
        { email: sleeping.email, password },
        { email: bare, password },
        { email: 'not an address', password },
        { email: 'nul\u0000@example.org', password },
        { email: user.email, password: '' },
        { email: user.email, password: `${password}${'x'.repeat(5_000)}` },
      ].map((credentials) => accounts.login(credentials, here)),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ ok: false, code: 'BAD_USER_INPUT' });
  });

  test('takes the same time for an unknown e-mail as for a wrong password', async () => {
    const { accounts } = server({ logN: 13 });
    const user = await registered(accounts);
    const timed = async (email: string): Promise<number> => {
      const startedAt = performance.now();
      await accounts.login({ email, password: 'wrong horse' }, here);
      return performance.now() - startedAt;
    };
    const ratios: number[] = [];
    for (let round = 0; round < 9; round += 1)
      ratios.push((await timed(newEmail())) / (await timed(user.email)));
    const median = ratios.sort((a, b) => a - b)[4] ?? 0;
    expect(median).toBeGreaterThan(0.6);
    expect(median).toBeLessThan(1.6);
  });

  test('guessing is limited per e-mail, from wherever it comes, and all at once helps nobody', async () => {
    const { accounts, outcomes } = server({ loginsPerMinuteMax: 5 });
    const user = await registered(accounts);
    const guesses = await Promise.all(
      Array.from({ length: 20 }, (_, guess) =>
        accounts.login(
          { email: user.email, password: `guess ${guess}` },
          { address: `192.0.2.${guess + 10}` },
        ),
      ),
    );
    expect(guesses.filter((guess) => !guess.ok && guess.code === 'BAD_USER_INPUT')).toHaveLength(5);
    expect(guesses.filter((guess) => !guess.ok && guess.code === 'RATE_LIMITED')).toHaveLength(15);
    expect(outcomes.filter((outcome) => outcome === 'limited')).toHaveLength(15);
    expect(await accounts.login({ email: user.email.toUpperCase(), password }, here)).toMatchObject({
      code: 'RATE_LIMITED',
    });
  });

  test('guessing is limited per address, whichever e-mail is tried', async () => {
    const { accounts } = server({ loginsPerMinuteMax: 5 });
    const guess = () => accounts.login({ email: newEmail(), password }, { address: '198.51.100.7' });
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect(await guess()).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await guess()).toMatchObject({ code: 'RATE_LIMITED' });
  });

  test('who knows the password may come as often as he likes', async () => {
    const { accounts } = server({ loginsPerMinuteMax: 3 });
    const user = await registered(accounts);
    for (let visit = 0; visit < 10; visit += 1)
      expect(await accounts.login({ email: user.email, password }, here)).toMatchObject({ ok: true });
  });

  test('renews a hash that was made with another cost', async () => {
    const user = await registered(server({ logN: 4 }).accounts);
    const stored = async () => (await postgres.users.credentialsByEmail(user.email))?.passwordHash;
    expect(await stored()).toMatch(/^scrypt\$4\$/);
    await server({ logN: 6 }).accounts.login({ email: user.email, password }, here);
    expect(await stored()).toMatch(/^scrypt\$6\$/);
    expect(await server({ logN: 6 }).accounts.login({ email: user.email, password }, here)).toMatchObject({
      ok: true,
    });
  });
});

describe('the profile', () => {
  test('changes, and the caller sees it at once', async () => {
    const { accounts, authenticate, tokens } = server({ keptMs: 60_000 });
    const user = await registered(accounts);
    const { token } = await tokens.issue(user.id);
    await authenticate(`Bearer ${token}`);
    const changed = await accounts.update({ userId: user.id }, { firstName: 'Ada', lastName: 'Lovelace' });
    expect(changed).toMatchObject({
      ok: true,
      user: { firstName: 'Ada', lastName: 'Lovelace', email: user.email },
    });
    expect(await authenticate(`Bearer ${token}`)).toMatchObject({ user: { firstName: 'Ada' } });
  });

  test('can not take what another user has', async () => {
    const { accounts } = server();
    const [one, other] = [await registered(accounts), await registered(accounts)];
    const actor = { userId: one.id };
    expect(await accounts.update(actor, { email: other.email.toUpperCase() })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await accounts.update(actor, { username: other.username })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(await accounts.update(actor, { email: 'nonsense' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await accounts.update(actor, { firstName: 'A\u0000' })).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('looking at it notes the visit', async () => {
    const { accounts } = server();
    const user = await registered(accounts);
    expect((await accounts.current({ userId: user.id }))?.lastLoginAt).toBeGreaterThan(Date.now() - 60_000);
    expect(await accounts.current({ userId: '11111111-1111-4111-8111-111111111111' })).toBeNull();
  });
});

describe('who calls', () => {
  test.each([
    [undefined, 'no-token'],
    ['', 'no-token'],
    ['Bearer', 'malformed'],
    ['Bearer ', 'malformed'],
    ['Basic dXNlcjpwYXNz', 'malformed'],
    ['Bearer two tokens', 'malformed'],
    ['Bearer garbage', 'not-accepted'],
  ])('%j is anonymous: %s', async (header, reason) => {
    expect(await server().authenticate(header)).toEqual({ outcome: 'anonymous', reason });
  });

  test('the scheme may be written in any case', async () => {
    const { accounts, authenticate, tokens } = server();
    const { token } = await tokens.issue((await registered(accounts)).id);
    for (const scheme of ['bearer', 'BEARER', 'Bearer '])
      expect(await authenticate(`${scheme} ${token}`)).toMatchObject({ outcome: 'actor' });
  });

  test('the token of a user who is gone, deactivated, or was never there', async () => {
    const { accounts, authenticate, tokens } = server();
    const [gone, sleeping] = [await registered(accounts), await registered(accounts)];
    const header = async (id: string) => `Bearer ${(await tokens.issue(id)).token}`;
    const headers = [await header(gone.id), await header(sleeping.id)] as const;
    expect(await authenticate(headers[0])).toMatchObject({ outcome: 'actor' });
    await asOwner.query('DELETE FROM ackord.app_user WHERE id = $1', [gone.id]);
    await asOwner.query('UPDATE ackord.app_user SET is_active = false WHERE id = $1', [sleeping.id]);
    expect(await authenticate(headers[0])).toEqual({ outcome: 'anonymous', reason: 'unknown-user' });
    expect(await authenticate(headers[1])).toEqual({ outcome: 'anonymous', reason: 'inactive-user' });
    for (const id of ['11111111-1111-4111-8111-111111111111', 'no uuid at all', "' OR 1=1 --"])
      expect(await authenticate(await header(id))).toEqual({ outcome: 'anonymous', reason: 'unknown-user' });
  });

  test('while the database is away, nobody is told that the token is bad', async () => {
    const own = await (await getTestPostgres()).createDatabase();
    const away = await openPostgresStore({ ...own, registry: createRegistry([]), log: () => {} });
    const { users } = away;
    const cache = createUserCache(users);
    const tokens = createTokens({ secret: SECRET, external: null });
    const authenticate = createAuthenticate({ tokens, users, cache });
    const accounts = createAccounts({ users, cache, tokens, passwords: createPasswords(CHEAP) });
    const header = `Bearer ${(await tokens.issue((await registered(accounts)).id)).token}`;
    await away.close();
    expect(await authenticate(header)).toMatchObject({ outcome: 'unavailable' });
    const credentials = { email: newEmail(), password };
    expect(await accounts.login(credentials, here)).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
    expect(await accounts.register(credentials, here)).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
    await own.drop();
  });
});

const ISSUER = 'https://identity.example.org/';
const AUDIENCE = 'ackord-tests';
const provider = {} as { url: string; server: Server; key: CryptoKey; jwk: JWK };

describe('users of an identity provider', () => {
  const tokenOf = (subject: string, claims: Record<string, unknown> = {}): Promise<string> =>
    new SignJWT({ email: `${subject}@provider.example`, email_verified: true, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(subject)
      .setExpirationTime('1 min')
      .sign(provider.key);
  const call = async (subject: string, claims?: Record<string, unknown>) => {
    const caller = await server().authenticate(`Bearer ${await tokenOf(subject, claims)}`);
    if (caller.outcome !== 'actor') throw new Error(JSON.stringify(caller));
    return caller.user;
  };

  test('get an account at the first visit and the same one ever after', async () => {
    const first = await call('subject-1');
    expect(first).toMatchObject({ email: 'subject-1@provider.example', isEmailVerified: true });
    expect((await call('subject-1', { email: 'changed@provider.example' })).id).toBe(first.id);
    expect((await call('subject-2')).id).not.toBe(first.id);
  });

  test('many first visits at once make one account', async () => {
    const users = await Promise.all(Array.from({ length: 8 }, () => call('subject-3')));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
  });

  test('never get into an account that has the same e-mail', async () => {
    const victim = await registered(server().accounts);
    const visitor = await call('subject-4', { email: victim.email });
    expect(visitor.id).not.toBe(victim.id);
    expect(visitor.email).toMatch(/^[\da-f]{40}@users\.invalid$/);
    expect((await call('subject-4', { email: victim.email })).id).toBe(visitor.id);
  });

  test('an e-mail that the provider has not verified is not kept', async () => {
    expect((await call('subject-5', { email_verified: false })).email).toMatch(/@users\.invalid$/);
    expect((await call('subject-6', { email: 'no address' })).email).toMatch(/@users\.invalid$/);
  });

  test('are turned away once they are deactivated', async () => {
    const user = await call('subject-7');
    await asOwner.query('UPDATE ackord.app_user SET is_active = false WHERE id = $1', [user.id]);
    const { authenticate } = server();
    const header = `Bearer ${await tokenOf('subject-7')}`;
    expect(await authenticate(header)).toEqual({ outcome: 'anonymous', reason: 'inactive-user' });
    expect(await authenticate(header)).toEqual({ outcome: 'anonymous', reason: 'inactive-user' });
  });
});

describe('a token for the command', () => {
  test('makes the user if there is none, finds it otherwise', async () => {
    const { tokens, authenticate } = server();
    const email = newEmail();
    const made = await tokenFor({ users: postgres.users, tokens, email });
    const found = await tokenFor({ users: postgres.users, tokens, email: email.toUpperCase() });
    if (!made.ok || !found.ok) throw new Error('no token');
    expect([made.created, found.created]).toEqual([true, false]);
    expect(found.user.id).toBe(made.user.id);
    expect(await authenticate(`Bearer ${made.token}`)).toMatchObject({ outcome: 'actor' });
  });

  test('not for nonsense, not for a deactivated user', async () => {
    const { tokens, accounts } = server();
    const sleeping = await registered(accounts);
    await asOwner.query('UPDATE ackord.app_user SET is_active = false WHERE id = $1', [sleeping.id]);
    for (const email of ['nonsense', sleeping.email])
      expect(await tokenFor({ users: postgres.users, tokens, email })).toMatchObject({ ok: false });
  });
});

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  provider.key = privateKey;
  provider.jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'one' };
  provider.server = createServer((_request, response) =>
    response.end(JSON.stringify({ keys: [provider.jwk] })),
  );
  await new Promise<void>((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
  const address = provider.server.address();
  provider.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks.json`;
});

afterAll(() => {
  provider.server?.closeAllConnections();
  provider.server?.close();
});
