import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCHEMA } from './config/schema.ts';
import { type Environment, parseConfig } from './config.ts';

const STRONG = 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZaU+iO';

function configOf(environment: Environment) {
  const parsed = parseConfig(environment);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.config;
}

function problemsOf(environment: Environment): readonly string[] {
  const parsed = parseConfig(environment);
  return parsed.ok ? [] : parsed.problems;
}

test('with nothing set it is a development server on this machine alone', () => {
  const config = configOf({});
  expect(config).toMatchObject({
    environment: 'development',
    production: false,
    http: { port: 4000, host: '127.0.0.1', corsOrigins: '*', metrics: 'open', trustProxy: [] },
    graphql: { graphiql: true },
    database: { url: null, appUrl: null },
    auth: { jwtSecret: null, external: null },
    sync: { pageRowsDefault: 100, strategy: 'LAST_WRITE_WINS', tombstoneRetentionDays: 180 },
    logLevel: 'info',
  });
  expect(config.dataFolder).toBe(resolve('data'));
});

test('production closes what development leaves open, unless asked for', () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: STRONG };
  expect(configOf(production)).toMatchObject({
    http: { corsOrigins: [], metrics: 'off' },
    graphql: { graphiql: false },
  });
  const asked = { CORS_ORIGINS: '*', GRAPHIQL: 'on', METRICS_TOKEN: 'scrape-me-if-you-can' };
  expect(configOf({ ...production, ...asked })).toMatchObject({
    http: { corsOrigins: '*', metrics: { token: 'scrape-me-if-you-can' } },
    graphql: { graphiql: true },
  });
});

test('an empty text counts as not set, for every setting', () => {
  const empty = Object.fromEntries(Object.keys(SCHEMA.shape).map((name) => [name, '']));
  expect(parseConfig(empty)).toEqual(parseConfig({}));
});

test('values are read', () => {
  const config = configOf({
    PORT: '0',
    HOST: '::1',
    CORS_ORIGINS: 'https://app.example.org, http://localhost:5173',
    TRUST_PROXY: 'loopback,10.0.0.0/8',
    GRAPHIQL: 'off',
    DATABASE_URL: 'postgres://owner:secret@db.example.org:5432/ackord?sslmode=require',
    DATABASE_APP_URL: 'postgresql://app@db.example.org/ackord',
    ACKORD_DATA_DIR: '/var/lib/elsewhere',
    AUTH_JWKS_URL: 'http://127.0.0.1:9999/jwks.json',
    AUTH_ISSUER: 'https://identity.example.org/',
    AUTH_AUDIENCE: 'ackord',
    CONFLICT_RESOLUTION_STRATEGY: 'MANUAL_RESOLUTION',
    SYNC_BATCH_SIZE: '250',
  });
  expect(config.http).toMatchObject({
    port: 0,
    host: '::1',
    corsOrigins: ['https://app.example.org', 'http://localhost:5173'],
    trustProxy: ['loopback', '10.0.0.0/8'],
  });
  expect(config.graphql.graphiql).toBe(false);
  expect(config.dataFolder).toBe('/var/lib/elsewhere');
  expect(config.auth.external).toEqual({
    jwksUrl: 'http://127.0.0.1:9999/jwks.json',
    issuer: 'https://identity.example.org/',
    audience: 'ackord',
  });
  expect(config.sync).toMatchObject({ strategy: 'MANUAL_RESOLUTION', pageRowsDefault: 250 });
});

describe('a value that is not allowed', () => {
  test.each([
    ['PORT', 'http', 'PORT: "http" is not allowed; give a whole number from 0 to 65535.'],
    ['PORT', '65536', 'PORT: "65536" is not allowed; give a whole number from 0 to 65535.'],
    ['PORT', '-1', 'PORT: "-1" is not allowed; give a whole number from 0 to 65535.'],
    ['PORT', '4e3', 'PORT: "4e3" is not allowed; give a whole number from 0 to 65535.'],
    ['PORT', ' 4000', 'PORT: " 4000" is not allowed; give a whole number from 0 to 65535.'],
    ['NODE_ENV', 'staging', 'NODE_ENV: "staging" is not allowed; give one of development, test, production.'],
    ['GRAPHIQL', 'maybe', 'GRAPHIQL: "maybe" is not allowed; give on or off.'],
    [
      'CONFLICT_RESOLUTION_STRATEGY',
      'NEWEST',
      'CONFLICT_RESOLUTION_STRATEGY: "NEWEST" is not allowed; give one of LAST_WRITE_WINS, FIRST_WRITE_WINS, MANUAL_RESOLUTION, KEEP_BOTH.',
    ],
    ['SYNC_BATCH_SIZE', '0', 'SYNC_BATCH_SIZE: "0" is not allowed; give a whole number from 1 to 5000.'],
  ])('%s=%s is told in one line', (name, value, line) => {
    expect(problemsOf({ [name]: value })).toEqual([line]);
  });

  test.each([
    'https://app.example.org/',
    'app.example.org',
    'https://app.example.org/path',
    'https://*.example.org',
  ])('CORS_ORIGINS=%s is no origin', (value) => expect(problemsOf({ CORS_ORIGINS: value })).toHaveLength(1));

  test('all are told at once', () => {
    const problems = problemsOf({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      NODE_ENV: 'production',
      AUTH_JWKS_URL: 'nowhere',
    });
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'AUTH_JWKS_URL',
      'LOG_LEVEL',
      'JWT_SECRET',
      'AUTH_ISSUER',
      'AUTH_AUDIENCE',
    ]);
  });

  test.each([
    'DATABASE_URL',
    'DATABASE_APP_URL',
    'REDIS_URL',
    'REDIS_CLUSTER_URLS',
    'METRICS_TOKEN',
    'JWT_SECRET',
  ])('what was given as %s is never shown', (name) => {
    const problems = problemsOf({ [name]: 'hunter2 x', NODE_ENV: 'production' });
    expect(problems.join()).toContain(`${name}: the given value`);
    expect(problems.join()).not.toContain('hunter2');
  });

  test('no text whatsoever makes the parser throw, and a problem is always one line', () => {
    const names = fc.constantFrom(...Object.keys(SCHEMA.shape));
    const anything = fc.dictionary(names, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(anything, (environment) => {
        for (const line of problemsOf(environment)) {
          expect(line).toMatch(/^[A-Z][A-Z0-9_]+: /);
          expect(line).not.toContain('\n');
        }
      }),
    );
  });
});

describe('the secret', () => {
  const inProduction = (secret: string): readonly string[] =>
    problemsOf({ NODE_ENV: 'production', JWT_SECRET: secret });

  test.each([
    STRONG,
    '3f7a9c1e5b2d8f4a6c0e9b7d1f3a5c8e',
    'mZ0q3rR1u8p5b2v7x9w4t6s1y0n3k8j5h2g7f4d1c6a9',
    'Tr0ub4dor&3-Kl0ster-Birne-27-Pflaster-Xylo',
  ])('%s is strong enough for production', (secret) => expect(inProduction(secret)).toEqual([]));

  test.each([
    ['short', 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZ', 'is shorter than 32 bytes'],
    ['one character', 'a'.repeat(64), 'has fewer than 10 different characters'],
    ['few characters', '0123'.repeat(10), 'has fewer than 10 different characters'],
    ['repeated', 'k3vJ8mQ2xW7p'.repeat(4), 'repeats itself'],
    ['repeated, cut', 'k3vJ8mQ2xW7pk3vJ8mQ2xW7pk3vJ8mQ2xW', 'repeats itself'],
    ['words', 'please-change-this-super-secret-jwt-token-secret', 'is made of well-known words'],
    ['words', 'your_jwt_secret_key_change_me_in_production', 'is made of well-known words'],
    ['rows of keys', 'abcdefghijklmnopqrstuvwxyz0123456789', 'is made of well-known words'],
  ])('refused in production: %s', (_name, secret, why) => {
    const [problem] = inProduction(secret);
    expect(problem).toMatch(new RegExp(`^JWT_SECRET: the given value ${why}; give at least 32 random bytes`));
    expect(problem).not.toContain(secret);
  });

  test('a weak one works in development, with a warning', () => {
    const parsed = parseConfig({ JWT_SECRET: 'secret' });
    expect(parsed).toMatchObject({ ok: true, config: { auth: { jwtSecret: 'secret' } } });
    expect(parsed.ok && parsed.warnings).toEqual([
      'JWT_SECRET is shorter than 32 bytes; production would refuse it.',
    ]);
  });

  test('is required in production', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^JWT_SECRET: not set, but production needs it;/),
    ]);
  });
});

describe('an identity provider', () => {
  const complete = {
    AUTH_JWKS_URL: 'https://identity.example.org/jwks.json',
    AUTH_ISSUER: 'https://identity.example.org/',
    AUTH_AUDIENCE: 'ackord',
  };

  test.each(['AUTH_ISSUER', 'AUTH_AUDIENCE'])('needs %s', (name) => {
    expect(problemsOf({ ...complete, [name]: '' })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: not set, but AUTH_JWKS_URL needs it;`)),
    ]);
  });

  test('must use TLS in production', () => {
    const production = { ...complete, NODE_ENV: 'production', JWT_SECRET: STRONG };
    expect(problemsOf(production)).toEqual([]);
    expect(
      problemsOf({ ...production, AUTH_JWKS_URL: 'http://identity.example.org/jwks.json' }),
    ).toHaveLength(1);
  });
});

test('an open development server is allowed, with a warning', () => {
  const parsed = parseConfig({ HOST: '0.0.0.0' });
  expect(parsed.ok && parsed.warnings).toEqual([expect.stringContaining('opens it to other machines')]);
});

test('what is given but not used is told', () => {
  const parsed = parseConfig({
    AUTH_ISSUER: 'https://identity.example.org/',
  });
  expect(parsed.ok && parsed.warnings).toEqual([
    'AUTH_ISSUER and AUTH_AUDIENCE do nothing without AUTH_JWKS_URL.',
  ]);
});

describe('workers', () => {
  test('one, unless more are asked for', () => {
    expect(configOf({}).workers).toBe(1);
    expect(configOf({ WORKERS: '5' }).workers).toBe(5);
  });

  test("no more than the own PostgreSQL has connections for; another one is its owner's business", () => {
    expect(problemsOf({ WORKERS: '6' })).toEqual([
      expect.stringMatching(/^WORKERS: 6 workers with 10 connections each are more than the 50 /),
    ]);
    expect(problemsOf({ WORKERS: '3', DATABASE_POOL_MAX: '20' })).toHaveLength(1);
    expect(configOf({ WORKERS: '10', DATABASE_POOL_MAX: '5' }).workers).toBe(10);
    expect(configOf({ WORKERS: '64', DATABASE_URL: 'postgres://here/db' }).workers).toBe(64);
  });
});

describe('Redis', () => {
  test('none, unless one is named; a cache in the process in any case', () => {
    expect(configOf({})).toMatchObject({ redis: null, sync: { cacheTtlSeconds: 3_600 } });
    expect(configOf({ SYNC_CACHE_TTL: '0' }).sync.cacheTtlSeconds).toBe(0);
  });

  test('standalone, or some nodes of a cluster', () => {
    const url = 'redis://ackord:secret@cache.example.org:6380/2';
    expect(configOf({ REDIS_URL: url }).redis).toEqual({ kind: 'standalone', url });
    expect(configOf({ REDIS_CLUSTER_URLS: 'rediss://a:1, rediss://b:2' }).redis).toEqual({
      kind: 'cluster',
      urls: ['rediss://a:1', 'rediss://b:2'],
    });
  });

  test('both at once can not be meant', () => {
    expect(problemsOf({ REDIS_URL: 'redis://a', REDIS_CLUSTER_URLS: 'redis://b' })).toEqual([
      expect.stringMatching(/^REDIS_CLUSTER_URLS: given together with REDIS_URL, .*; give REDIS_URL for /),
    ]);
  });

  test.each(['http://a', 'redis://a,b', ',', 'redis://a redis://b'])('%s is no list of nodes', (urls) => {
    const problems = problemsOf({ REDIS_CLUSTER_URLS: urls });
    expect(problems).toEqual([expect.stringMatching(/^REDIS_CLUSTER_URLS: the given value is not allowed;/)]);
  });

  test('production is told that it has no password', () => {
    const told = (more: Environment) => {
      const parsed = parseConfig({
        NODE_ENV: 'production',
        JWT_SECRET: STRONG,
        PUBLIC_URL: 'https://api.example.org',
        ...more,
      });
      return parsed.ok && parsed.warnings;
    };
    expect(told({ REDIS_URL: 'redis://:secret@a' })).toEqual([]);
    expect(told({ REDIS_URL: 'redis://a' })).toEqual([expect.stringMatching(/without a password/)]);
    expect(told({ REDIS_CLUSTER_URLS: 'redis://a' })).toEqual([expect.stringMatching(/without a password/)]);
  });
});

describe('where files are kept', () => {
  const STORE = {
    S3_ENDPOINT: 'https://s3.example.org',
    S3_BUCKET: 'journal',
    S3_ACCESS_KEY_ID: 'key-id',
    S3_SECRET_ACCESS_KEY: 'key-secret',
  };

  test('in the data folder, unless something else is said', () => {
    expect(configOf({}).files).toEqual({ folder: resolve('data/files'), s3: null, graceDays: 30 });
    expect(configOf({ ACKORD_DATA_DIR: '/srv/a' }).files.folder).toBe('/srv/a/files');
    expect(configOf({ ACKORD_DATA_DIR: '/srv/a', FILES_DIR: '/srv/b' }).files.folder).toBe('/srv/b');
  });

  test('in S3, under the name by which clients reach it', () => {
    const { s3 } = configOf({ ...STORE, S3_PUBLIC_ENDPOINT: 'https://files.example.org' }).files;
    expect(s3).toMatchObject({ bucket: 'journal', region: 'us-east-1', endpoint: STORE.S3_ENDPOINT });
    expect(s3?.publicEndpoint).toBe('https://files.example.org');
    expect(configOf(STORE).files.s3?.publicEndpoint).toBe(STORE.S3_ENDPOINT);
  });

  test.each(Object.keys(STORE))('all but %s is half a store, and refused', (name) => {
    expect(problemsOf({ ...STORE, [name]: '' })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: not set, but S3_\\w+ needs it;`)),
    ]);
  });

  test('a region alone is half a store too', () => {
    expect(problemsOf({ S3_REGION: 'eu-central-1' })).toHaveLength(4);
  });

  test('keys are never shown', () => {
    const problems = problemsOf({ ...STORE, S3_ACCESS_KEY_ID: 'a b', S3_SECRET_ACCESS_KEY: 'c d' });
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).not.toMatch(/a b|c d/);
  });

  test('production is told that it has no public address', () => {
    const production = { NODE_ENV: 'production', JWT_SECRET: STRONG };
    const told = (more: Environment) => {
      const parsed = parseConfig({ ...production, ...more });
      return parsed.ok && parsed.warnings;
    };
    expect(told({})).toEqual([expect.stringMatching(/^PUBLIC_URL is not set: /)]);
    expect(told({ PUBLIC_URL: 'https://api.example.org' })).toEqual([]);
    expect(told(STORE)).toEqual([]);
  });

  test('the public address loses its last slash', () => {
    expect(configOf({ PUBLIC_URL: 'https://api.example.org/ackord/' }).http.publicUrl).toBe(
      'https://api.example.org/ackord',
    );
  });
});
