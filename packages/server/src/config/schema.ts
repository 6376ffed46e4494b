/**
 * Every setting: kind of value, default, and what people need to know about it. The texts here are what
 * `.env.example` and `docs/configuration.md` say, and what a refused value is answered with.
 */
import { CONFLICT_STRATEGIES, LIMITS } from '@ackord/core';
import { z } from 'zod';
import { LOG_LEVELS } from '../observe/logger.ts';
import { list, oneOf, onOff, optional, setting, text, url, whole } from './setting.ts';

const server = 'Server';
const database = 'Database';
const signIn = 'Sign-in';
const sync = 'Synchronisation';
const files = 'Files';
const finance = 'Finance';
const limits = 'Limits';
const operation = 'Operation';

const ENVIRONMENTS = ['development', 'test', 'production'] as const;
const isOrigin = (item: string): boolean =>
  item === '*' || (!item.includes('*') && URL.canParse(item) && new URL(item).origin === item);
// By pattern: with a user and a socket in place of a host (postgres://me@/db?host=/run) it is none for the URL class.
const postgresUrl = text('a URL that begins with postgres:// or postgresql://', /^postgres(ql)?:\/\/\S+$/);
const REDIS_PROTOCOLS = ['redis:', 'rediss:'];
const isRedisNode = (item: string): boolean =>
  URL.canParse(item) && REDIS_PROTOCOLS.includes(new URL(item).protocol);
const isProxy = (item: string): boolean =>
  /^(loopback|linklocal|uniquelocal|[\da-f.:]+(\/\d{1,3})?)$/i.test(item);

export const SCHEMA = z.object({
  NODE_ENV: setting(oneOf(ENVIRONMENTS), {
    group: server,
    fallback: 'development',
    about:
      'What the server is used for. In production it refuses weak secrets, and GraphiQL, open CORS and open metrics are off unless asked for.',
  }),
  PORT: setting(whole(0, 65_535), {
    group: server,
    fallback: '4000',
    about: 'Port to listen on; 0 takes any free one.',
  }),
  HOST: setting(text('a host name or an IP address', /^[\w.:-]+$/), {
    group: server,
    fallback: '127.0.0.1',
    about: 'Address to listen on. 127.0.0.1 is this machine alone, 0.0.0.0 is every network that it is in.',
  }),
  WORKERS: setting(whole(1, LIMITS.workersMax), {
    group: server,
    fallback: '1',
    about:
      'Processes that share the port, to use several cores: about one per core, less one for PostgreSQL where it runs on the same machine. DATABASE_POOL_MAX and limits on requests and sockets count for each of them.',
  }),
  CORS_ORIGINS: optional(list('* or origins such as https://app.example.org, between commas', isOrigin), {
    group: server,
    fallbackNote: '* outside production, else none',
    about: 'Web pages of which origins may call the server from a browser. Native apps need no entry.',
  }),
  TRUST_PROXY: optional(
    list(
      'addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal, between commas',
      isProxy,
    ),
    {
      group: server,
      about:
        'Reverse proxies whose X-Forwarded-For is believed. Without it all users behind a proxy share one limit.',
    },
  ),
  PUBLIC_URL: optional(url('a URL that begins with https:// or http://', ['https:', 'http:']), {
    group: server,
    fallbackNote: 'as each request names it',
    about:
      'Where clients reach this server, for the URLs of files that it gives out. Behind a proxy that changes host or protocol it has to be set.',
  }),
  GRAPHIQL: optional(onOff, {
    group: server,
    fallbackNote: 'on outside production',
    about: 'The page for trying out GraphQL in a browser.',
  }),

  DATABASE_URL: optional(postgresUrl, {
    group: database,
    fallbackNote: 'an own PostgreSQL in the data folder',
    secret: true,
    about: 'PostgreSQL 15 or newer, as the role that owns the tables and migrates them.',
  }),
  DATABASE_APP_URL: optional(postgresUrl, {
    group: database,
    fallbackNote: 'DATABASE_URL',
    secret: true,
    about:
      'The same database as a role with fewer rights, for everything but migrations. Needs DATABASE_URL.',
  }),
  ACKORD_DATA_DIR: setting(text('a path', /^[^\0]+$/), {
    group: database,
    fallback: './data',
    about: 'Folder for the own PostgreSQL and, outside production, for the generated secret.',
  }),
  DATABASE_POOL_MAX: setting(whole(2, 500), {
    group: database,
    fallback: String(LIMITS.databaseConnectionsMax),
    about:
      'Connections of this server to the database. Committers hold some of them while they work, reads share the rest.',
  }),

  JWT_SECRET: optional(
    text('at least 32 random bytes, for example from: openssl rand -base64 48', /^[^\0]+$/),
    {
      group: signIn,
      fallbackNote: 'required in production; else generated and kept in the data folder',
      secret: true,
      about:
        'Signs the tokens that login gives out. All servers of one database need the same. Changing it signs everybody out.',
    },
  ),
  AUTH_JWKS_URL: optional(
    url('a URL that begins with https:// (outside production also http://)', ['https:', 'http:']),
    {
      group: signIn,
      about:
        'Public keys of an identity provider whose tokens are accepted too (RS256, ES256, EdDSA). Needs AUTH_ISSUER and AUTH_AUDIENCE.',
    },
  ),
  AUTH_ISSUER: optional(text('the exact issuer', /^\S+$/), {
    group: signIn,
    about: 'What tokens of the identity provider must carry as iss.',
  }),
  AUTH_AUDIENCE: optional(text('the exact audience', /^\S+$/), {
    group: signIn,
    about:
      'What tokens of the identity provider must carry in aud, so that tokens made for other services are refused.',
  }),

  SYNC_BATCH_SIZE: setting(whole(1, LIMITS.pageRowsMax), {
    group: sync,
    fallback: String(LIMITS.pageRowsDefault),
    about: 'Rows of a page of enhancedSync when the caller names no batchSize.',
  }),
  CONFLICT_RESOLUTION_STRATEGY: setting(oneOf(CONFLICT_STRATEGIES), {
    group: sync,
    fallback: 'LAST_WRITE_WINS',
    about:
      'What happens when two sides changed the same field, where the entity type does not say otherwise.',
  }),
  TOMBSTONE_RETENTION_DAYS: setting(whole(1, 36_500), {
    group: sync,
    fallback: String(LIMITS.tombstoneRetentionDays),
    about: 'How long deletions and history are kept. A device that was away for longer does a full sync.',
  }),
  REDIS_URL: optional(url('a URL that begins with redis:// or rediss://', REDIS_PROTOCOLS), {
    group: sync,
    secret: true,
    fallbackNote: 'every server works by itself',
    about:
      'A standalone Redis, by which several servers of one database hear of each other’s commits at once and share a cache. Best from Redis 7 on; without it they look for themselves every 1.5 s.',
  }),
  REDIS_CLUSTER_URLS: optional(
    list('URLs that begin with redis:// or rediss://, between commas', isRedisNode, 1),
    {
      group: sync,
      secret: true,
      about:
        'The same over a Redis Cluster: some of its nodes; the others are learned from them. Name, password and TLS of the first one hold for all. Not together with REDIS_URL.',
    },
  ),
  SYNC_CACHE_TTL: setting(whole(0, 604_800), {
    group: sync,
    fallback: String(LIMITS.cacheTtlSeconds),
    about:
      'Seconds that first loads, long parts of the feed and status answers stay in the cache of the process and of Redis; 0: nothing is cached. What has changed is never answered from there, however long it stays.',
  }),

  FILES_DIR: optional(text('a path', /^[^\0]+$/), {
    group: files,
    fallbackNote: 'the folder files in ACKORD_DATA_DIR',
    about:
      'Folder for uploaded files, where they are not kept in S3. Several servers need one that they share.',
  }),
  S3_ENDPOINT: optional(url('a URL that begins with https:// or http://', ['https:', 'http:']), {
    group: files,
    fallbackNote: 'files are kept in FILES_DIR',
    about:
      'An S3-compatible store for uploaded files, such as https://s3.eu-central-1.amazonaws.com. Needs S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.',
  }),
  S3_PUBLIC_ENDPOINT: optional(url('a URL that begins with https:// or http://', ['https:', 'http:']), {
    group: files,
    fallbackNote: 'S3_ENDPOINT',
    about: 'How clients reach the store, where that is not how this server does.',
  }),
  S3_BUCKET: optional(text('the name of a bucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/), {
    group: files,
    about: 'The bucket, which has to be there. Nobody but this server should write to it otherwise.',
  }),
  S3_REGION: setting(text('the name of a region', /^[a-z0-9-]{1,64}$/), {
    group: files,
    fallback: 'us-east-1',
    about: 'Region of the bucket; compatible stores mostly take any.',
  }),
  S3_ACCESS_KEY_ID: optional(text('a key id without blanks', /^\S+$/), {
    group: files,
    secret: true,
    about: 'Who this server is to the store. It reads, writes and deletes objects of the bucket.',
  }),
  S3_SECRET_ACCESS_KEY: optional(text('a key without blanks', /^\S+$/), {
    group: files,
    secret: true,
    about: 'The key that belongs to S3_ACCESS_KEY_ID. It signs the URLs that clients get.',
  }),
  FILE_GRACE_DAYS: setting(whole(1, 36_500), {
    group: files,
    fallback: String(LIMITS.fileGraceDays),
    about:
      'How long a file is kept that no record names, and an upload that never came. A deleted record that comes back later has lost its file.',
  }),

  FINANCE_OPEN_ACCESS: optional(onOff, {
    group: finance,
    fallbackNote: 'on in development while HOST is this machine alone, else off',
    about:
      'Lets finance apps in that send no token: whoever reaches the server and knows the id of a tenant reads and writes it. Web pages are let in from this machine and CORS_ORIGINS alone.',
  }),
  FINANCE_OPEN_ACCESS_CONFIRMED: setting(onOff, {
    group: finance,
    fallback: 'off',
    about:
      'Says once more that FINANCE_OPEN_ACCESS is meant. Needed in production, and wherever HOST is more than this machine.',
  }),

  BODY_BYTES_MAX: setting(whole(1_024, 1_073_741_824), {
    group: limits,
    fallback: String(LIMITS.bodyBytesMax),
    about: `Largest request body. Requests without a valid token may send ${LIMITS.anonymousBodyBytesMax} bytes at most.`,
  }),
  CHANGES_PER_SUBMISSION_MAX: setting(whole(1, 100_000), {
    group: limits,
    fallback: String(LIMITS.changesPerSubmissionMax),
    about: 'Changes in one bulkSync call.',
  }),
  REQUESTS_PER_MINUTE_MAX: setting(whole(1, 100_000_000), {
    group: limits,
    fallback: String(LIMITS.requestsPerMinuteMax),
    about: 'Requests per user, and per address for callers without a valid token.',
  }),
  CHANGES_PER_MINUTE_MAX: setting(whole(1, 1_000_000_000), {
    group: limits,
    fallback: String(LIMITS.changesPerMinuteMax),
    about:
      'Changes per user, whichever way they come, on each server; what is more is answered with `retry`. A first upload of so many goes through at once.',
  }),
  TENANT_CHANGES_PER_MINUTE_MAX: setting(whole(1, 1_000_000_000), {
    group: limits,
    fallback: String(LIMITS.tenantChangesPerMinuteMax),
    about: 'The same per tenant, all its users together.',
  }),
  LOGIN_ATTEMPTS_PER_MINUTE_MAX: setting(whole(1, 1_000_000), {
    group: limits,
    fallback: String(LIMITS.loginAttemptsPerMinuteMax),
    about: 'Failed sign-ins per e-mail and per address.',
  }),
  REGISTRATIONS_PER_MINUTE_MAX: setting(whole(1, 1_000_000), {
    group: limits,
    fallback: String(LIMITS.registrationsPerMinuteMax),
    about: 'New accounts per address.',
  }),
  CONNECTIONS_MAX: setting(whole(10, 1_000_000), {
    group: limits,
    fallback: String(LIMITS.connectionsMax),
    about: 'Open TCP connections; more are closed at once. The operating system must allow as many files.',
  }),
  GRAPHQL_DEPTH_MAX: setting(whole(1, 100), {
    group: limits,
    fallback: String(LIMITS.graphqlDepthMax),
    about: 'Levels of a GraphQL document.',
  }),
  GRAPHQL_ALIASES_MAX: setting(whole(0, 10_000), {
    group: limits,
    fallback: String(LIMITS.graphqlAliasesMax),
    about: 'Aliases in a GraphQL document.',
  }),
  GRAPHQL_TOKENS_MAX: setting(whole(100, 1_000_000), {
    group: limits,
    fallback: String(LIMITS.graphqlTokensMax),
    about: 'Words and signs of a GraphQL document.',
  }),

  LOG_LEVEL: setting(oneOf(LOG_LEVELS), {
    group: operation,
    fallback: 'info',
    about:
      'Least level of what is logged, as JSON lines on standard output. debug adds a line per single change.',
  }),
  METRICS_TOKEN: optional(text('at least 16 characters without blanks', /^\S{16,}$/), {
    group: operation,
    fallbackNote: 'open outside production, else /metrics is off',
    secret: true,
    about: 'What a scraper of /metrics must send as "Authorization: Bearer …".',
  }),
  SHUTDOWN_MS_MAX: setting(whole(0, 600_000), {
    group: operation,
    fallback: String(LIMITS.shutdownMsMax),
    about: 'Milliseconds that running requests get to finish when the server stops.',
  }),
  SHUTDOWN_DELAY_MS: setting(whole(0, 600_000), {
    group: operation,
    fallback: '0',
    about:
      'Milliseconds between /readyz saying no and the server taking no more connections, for load balancers that look now and then.',
  }),
});

export type Settings = z.output<typeof SCHEMA>;
export type SettingName = keyof Settings;
export type Environment = Readonly<Record<string, string | undefined>>;
