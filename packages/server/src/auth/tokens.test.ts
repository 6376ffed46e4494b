import { createServer, type Server } from 'node:http';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTokens, type Tokens } from './tokens.ts';

const SECRET = 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZa';
const ISSUER = 'https://identity.example.org/';
const AUDIENCE = 'ackord-tests';
const USER = '0b7b9d5e-2f8e-4a39-9d0e-6d7a0a3f5c11';

type Algorithm = 'RS256' | 'ES256' | 'EdDSA' | 'PS256';
interface Key {
  readonly alg: Algorithm;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

async function makeKey(alg: Algorithm, kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } };
}

/** An identity provider: a real HTTP server with the keys that are published at the moment. */
const provider = {
  keys: [] as JWK[],
  status: 200,
  fetches: 0,
  url: '',
  server: undefined as Server | undefined,
};
const keys = {} as Record<'rsa' | 'rotated' | 'ec' | 'ed' | 'ps', Key>;

beforeAll(async () => {
  keys.rsa = await makeKey('RS256', 'first');
  keys.rotated = await makeKey('RS256', 'second');
  keys.ec = await makeKey('ES256', 'ec');
  keys.ed = await makeKey('EdDSA', 'ed');
  keys.ps = await makeKey('PS256', 'ps');
  provider.server = createServer((_request, response) => {
    provider.fetches += 1;
    response.writeHead(provider.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: provider.keys }));
  });
  await new Promise<void>((resolve) => provider.server?.listen(0, '127.0.0.1', resolve));
  const address = provider.server.address();
  provider.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks.json`;
});

afterAll(() => {
  provider.server?.closeAllConnections();
  provider.server?.close();
});

beforeEach(() => {
  provider.keys = [keys.rsa.jwk, keys.ec.jwk, keys.ed.jwk];
  provider.status = 200;
  provider.fetches = 0;
});

const withProvider = (cooldownMs = 0): Tokens =>
  createTokens({
    secret: SECRET,
    external: { jwksUrl: provider.url, issuer: ISSUER, audience: AUDIENCE, cooldownMs },
  });
const alone = (): Tokens => createTokens({ secret: SECRET, external: null });

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

function external(key: Key, claims: Record<string, unknown> = {}): Promise<string> {
  const payload = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'subject-1',
    exp: inSeconds(60),
    iat: inSeconds(0),
    ...claims,
  };
  return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey);
}

function internal(claims: Record<string, unknown>, secret: string | Uint8Array = SECRET): Promise<string> {
  const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  const payload = { userId: USER, iat: inSeconds(0), exp: inSeconds(60), ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(key);
}

const refused = (reason: string) => ({ outcome: 'refused', reason });
const unsigned = (header: object, payload: object): string =>
  `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

describe('our own tokens', () => {
  test('carry the user for seven days', async () => {
    const { token, expiresAt } = await alone().issue(USER);
    expect(await alone().verify(token)).toEqual({ outcome: 'internal', userId: USER, expiresAt });
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(Object.keys(payload).sort()).toEqual(['exp', 'iat', 'jti', 'sub', 'userId']);
    expect((await alone().issue(USER)).token).not.toBe(token);
    expect(payload.exp - payload.iat).toBe(7 * 24 * 3600);
    expect(expiresAt).toBe(payload.exp * 1000);
  });

  test('need no more than { userId, iat, exp }, which is what earlier servers gave out', async () => {
    expect(await alone().verify(await internal({}))).toMatchObject({ outcome: 'internal', userId: USER });
  });

  test.each([
    ['another secret', () => internal({}, 'another-secret-of-more-than-32-bytes!'), 'not-accepted'],
    ['expired', () => internal({ exp: inSeconds(-60) }), 'expired'],
    ['no expiry', () => internal({ exp: undefined }), 'not-accepted'],
    ['no user', () => internal({ userId: undefined }), 'not-accepted'],
    ['a user that is no text', () => internal({ userId: { $ne: null } }), 'not-accepted'],
    ['another subject', () => internal({ sub: 'someone-else' }), 'not-accepted'],
    ['an issuer', () => internal({ iss: ISSUER }), 'not-accepted'],
    ['not valid yet', () => internal({ nbf: inSeconds(60) }), 'not-accepted'],
  ])('refused: %s', async (_name, make, reason) => {
    expect(await withProvider().verify(await make())).toEqual(refused(reason));
  });

  test('a clock that is a few seconds off does no harm, a minute does', async () => {
    expect(await alone().verify(await internal({ exp: inSeconds(-3) }))).toMatchObject({
      outcome: 'internal',
    });
    expect(await alone().verify(await internal({ exp: inSeconds(-30) }))).toEqual(refused('expired'));
  });
});

describe('tokens of an identity provider', () => {
  test.each(['rsa', 'ec', 'ed'] as const)('accepted with a published key: %s', async (name) => {
    const token = await external(keys[name], { email: 'ada@example.org', email_verified: true });
    expect(await withProvider().verify(token)).toMatchObject({
      outcome: 'external',
      issuer: ISSUER,
      subject: 'subject-1',
      email: 'ada@example.org',
    });
  });

  test('an e-mail counts only when the provider has verified it', async () => {
    for (const claims of [{ email_verified: false }, {}, { email_verified: 'true' }]) {
      const token = await external(keys.rsa, { email: 'ada@example.org', ...claims });
      expect(await withProvider().verify(token)).toMatchObject({ outcome: 'external', email: null });
    }
  });

  test.each([
    ['wrong issuer', { iss: 'https://evil.example.org/' }, 'not-accepted'],
    ['no issuer', { iss: undefined }, 'not-accepted'],
    ['wrong audience', { aud: 'another-service' }, 'not-accepted'],
    ['no audience', { aud: undefined }, 'not-accepted'],
    ['expired', { exp: inSeconds(-60) }, 'expired'],
    ['no expiry', { exp: undefined }, 'not-accepted'],
    ['no subject', { sub: undefined }, 'not-accepted'],
    ['empty subject', { sub: '' }, 'not-accepted'],
    ['a NUL in the subject', { sub: 'a\u0000b' }, 'not-accepted'],
    ['an endless subject', { sub: 'x'.repeat(5_000) }, 'not-accepted'],
  ])('refused: %s', async (_name, claims, reason) => {
    expect(await withProvider().verify(await external(keys.rsa, claims))).toEqual(refused(reason));
  });

  test('a key that was rotated in is fetched; one that was rotated out is not accepted any more', async () => {
    const tokens = withProvider();
    expect(await tokens.verify(await external(keys.rsa))).toMatchObject({ outcome: 'external' });
    provider.keys = [keys.rotated.jwk];
    expect(await tokens.verify(await external(keys.rotated))).toMatchObject({ outcome: 'external' });
    expect(await tokens.verify(await external(keys.rsa))).toEqual(refused('not-accepted'));
  });

  test('made-up key ids do not make us fetch again within the cooldown', async () => {
    const tokens = withProvider(60_000);
    await tokens.verify(await external(keys.rsa));
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const token = await external({ ...keys.rsa, kid: `made-up-${attempt}` });
      expect(await tokens.verify(token)).toEqual(refused('not-accepted'));
    }
    expect(provider.fetches).toBe(1);
  });

  test('a signature by a key that is not published is refused, also under a published id', async () => {
    const token = await external({ ...keys.rotated, kid: keys.rsa.kid });
    expect(await withProvider().verify(token)).toEqual(refused('not-accepted'));
  });

  test('an algorithm outside the list is refused, even with a published key', async () => {
    provider.keys = [keys.ps.jwk];
    expect(await withProvider().verify(await external(keys.ps))).toEqual(refused('not-accepted'));
    expect(provider.fetches).toBe(0);
  });

  test('while the provider fails, nobody is told that the token is bad', async () => {
    provider.status = 500;
    expect(await withProvider().verify(await external(keys.rsa))).toMatchObject({ outcome: 'unavailable' });
    const gone = createTokens({
      secret: SECRET,
      external: { jwksUrl: 'http://127.0.0.1:9/jwks.json', issuer: ISSUER, audience: AUDIENCE },
    });
    expect(await gone.verify(await external(keys.rsa))).toMatchObject({ outcome: 'unavailable' });
  });

  test('are refused where none is configured', async () => {
    expect(await alone().verify(await external(keys.rsa))).toEqual(refused('not-accepted'));
  });
});

describe('confusion of algorithms', () => {
  test('HS256 signed with the published RSA key is refused', async () => {
    const pem = new TextEncoder().encode(await exportSPKI(keys.rsa.publicKey));
    const jwk = new TextEncoder().encode(JSON.stringify(keys.rsa.jwk));
    for (const secret of [pem, jwk]) {
      const claims = { userId: USER, iss: ISSUER, aud: AUDIENCE, sub: 'subject-1' };
      expect(await withProvider().verify(await internal(claims, secret))).toEqual(refused('not-accepted'));
      expect(await withProvider().verify(await internal({}, secret))).toEqual(refused('not-accepted'));
    }
  });

  test('our secret published by the provider opens nothing', async () => {
    provider.keys = [
      { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'first', alg: 'HS256' },
    ];
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'subject-1' };
    expect(await withProvider().verify(await internal(claims))).toEqual(refused('not-accepted'));
    expect(provider.fetches).toBe(0);
  });

  test.each(['none', 'None', 'NONE', '', 'HS384', 'HS512', 'RS1', 'dir'])(
    'alg "%s" is refused',
    async (alg) => {
      const token = unsigned({ alg }, { userId: USER, sub: USER, iat: inSeconds(0), exp: inSeconds(60) });
      expect(await withProvider().verify(token)).toEqual(refused('not-accepted'));
      expect(await withProvider().verify(`${token}AAAA`)).toEqual(refused('not-accepted'));
    },
  );

  test('keys that a token brings along are ignored', async () => {
    const token = await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'subject-1', exp: inSeconds(60) })
      .setProtectedHeader({ alg: 'RS256', kid: 'first', jwk: keys.rotated.jwk, jku: 'http://127.0.0.1:9/' })
      .sign(keys.rotated.privateKey);
    expect(await withProvider().verify(token)).toEqual(refused('not-accepted'));
  });
});

test.each([
  '',
  '.',
  '..',
  'a.b',
  'a.b.c',
  'a.b.c.d',
  '{}',
  '\u0000',
  'eyJhbGciOiJIUzI1NiJ9',
  'x'.repeat(10_000),
])('garbage is refused: %j', async (garbage) => {
  expect(await withProvider().verify(garbage)).toMatchObject({ outcome: 'refused' });
});

test('an altered payload is refused', async () => {
  const [header, , signature] = (await alone().issue(USER)).token.split('.');
  const payload = Buffer.from(JSON.stringify({ userId: 'someone', iat: inSeconds(0), exp: inSeconds(60) }));
  expect(await alone().verify(`${header}.${payload.toString('base64url')}.${signature}`)).toEqual(
    refused('not-accepted'),
  );
});
