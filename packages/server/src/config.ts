/**
 * The configuration: environment variables in, a checked `Config` or all problems out. The schema (config/schema.ts)
 * is also what `.env.example` and `docs/configuration.md` are generated from, so the three can't disagree.
 * An empty text counts as not set. Nothing else in the project reads environment variables.
 */
import { join, resolve } from 'node:path';
import type { ConflictStrategy } from '@ackord/core';
import type { z } from 'zod';
import type { ExternalSettings } from './auth/issuer-keys.ts';
import { isThisMachine, ruleProblems, warnings } from './config/rules.ts';
import { type Environment, SCHEMA, type SettingName, type Settings } from './config/schema.ts';
import { SETTING_FACTS } from './config/setting.ts';
import type { S3Settings } from './files/s3-store.ts';
import type { LogLevel } from './observe/logger.ts';
import type { RedisPlace } from './redis/place.ts';

export type { Environment, SettingName } from './config/schema.ts';

export interface Config {
  readonly environment: Settings['NODE_ENV'];
  readonly production: boolean;
  /** Processes that share the port; 1: there is just the one. */
  readonly workers: number;
  readonly http: {
    readonly port: number;
    readonly host: string;
    /** '*': every origin. */
    readonly corsOrigins: '*' | readonly string[];
    readonly trustProxy: readonly string[];
    /** Where clients reach the server, without a slash at the end; null: as a request names it. */
    readonly publicUrl: string | null;
    readonly bodyBytesMax: number;
    readonly connectionsMax: number;
    readonly requestsPerMinuteMax: number;
    readonly shutdownMsMax: number;
    readonly shutdownDelayMs: number;
    /** 'open': needs no token. 'off': there are none to be had. */
    readonly metrics: 'open' | 'off' | { readonly token: string };
  };
  readonly graphql: {
    readonly graphiql: boolean;
    readonly depthMax: number;
    readonly aliasesMax: number;
    readonly tokensMax: number;
  };
  readonly database: {
    /** null: the server runs its own PostgreSQL in the data folder. */
    readonly url: string | null;
    readonly appUrl: string | null;
    readonly poolMax: number;
  };
  /** Absolute. */
  readonly dataFolder: string;
  readonly auth: {
    /** null: generated, kept in the data folder (never in production). */
    readonly jwtSecret: string | null;
    readonly external: ExternalSettings | null;
    readonly loginAttemptsPerMinuteMax: number;
    readonly registrationsPerMinuteMax: number;
  };
  readonly sync: {
    readonly pageRowsDefault: number;
    readonly changesPerSubmissionMax: number;
    readonly changesPerMinuteMax: number;
    readonly tenantChangesPerMinuteMax: number;
    readonly strategy: ConflictStrategy;
    readonly tombstoneRetentionDays: number;
    /** 0: nothing is cached. */
    readonly cacheTtlSeconds: number;
  };
  /** null: this server works by itself. */
  readonly redis: RedisPlace | null;
  readonly files: {
    /** Absolute. */
    readonly folder: string;
    /** null: files are kept in the folder. */
    readonly s3: S3Settings | null;
    readonly graceDays: number;
  };
  readonly finance: {
    /** Apps without a token are let in. */
    readonly openAccess: boolean;
  };
  readonly logLevel: LogLevel;
}

export type ParsedConfig =
  /** `warnings`: accepted, but somebody should know. */
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  /** One line per problem: which setting, what was given (never for secrets), what is allowed. */
  | { readonly ok: false; readonly problems: readonly string[] };

export function parseConfig(environment: Environment): ParsedConfig {
  const given: Environment = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== ''),
  );
  const parsed = SCHEMA.safeParse(given);
  const problems = [...(parsed.success ? [] : valueProblems(given, parsed.error)), ...ruleProblems(given)];
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: toConfig(parsed.data), warnings: warnings(parsed.data) };
}

function valueProblems(given: Environment, error: z.ZodError): string[] {
  const names = new Set(error.issues.map((issue) => String(issue.path[0]) as SettingName));
  return [...names].map((name) => {
    const facts = SETTING_FACTS.get(SCHEMA.shape[name]);
    const shown = facts?.secret ? 'the given value' : JSON.stringify(given[name]);
    return `${name}: ${shown} is not allowed; give ${facts?.allowed}.`;
  });
}

function toConfig(settings: Settings): Config {
  const production = settings.NODE_ENV === 'production';
  const {
    AUTH_JWKS_URL: jwksUrl,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
    METRICS_TOKEN: token,
  } = settings;
  const origins = settings.CORS_ORIGINS ?? (production ? [] : ['*']);
  return {
    environment: settings.NODE_ENV,
    production,
    workers: settings.WORKERS,
    http: {
      port: settings.PORT,
      host: settings.HOST,
      corsOrigins: origins.includes('*') ? '*' : origins,
      trustProxy: settings.TRUST_PROXY ?? [],
      publicUrl: settings.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
      bodyBytesMax: settings.BODY_BYTES_MAX,
      connectionsMax: settings.CONNECTIONS_MAX,
      requestsPerMinuteMax: settings.REQUESTS_PER_MINUTE_MAX,
      shutdownMsMax: settings.SHUTDOWN_MS_MAX,
      shutdownDelayMs: settings.SHUTDOWN_DELAY_MS,
      metrics: token === null ? (production ? 'off' : 'open') : { token },
    },
    graphql: {
      graphiql: settings.GRAPHIQL ?? !production,
      depthMax: settings.GRAPHQL_DEPTH_MAX,
      aliasesMax: settings.GRAPHQL_ALIASES_MAX,
      tokensMax: settings.GRAPHQL_TOKENS_MAX,
    },
    database: {
      url: settings.DATABASE_URL,
      appUrl: settings.DATABASE_APP_URL,
      poolMax: settings.DATABASE_POOL_MAX,
    },
    dataFolder: resolve(settings.ACKORD_DATA_DIR),
    auth: {
      jwtSecret: settings.JWT_SECRET,
      external:
        jwksUrl !== null && issuer !== null && audience !== null ? { jwksUrl, issuer, audience } : null,
      loginAttemptsPerMinuteMax: settings.LOGIN_ATTEMPTS_PER_MINUTE_MAX,
      registrationsPerMinuteMax: settings.REGISTRATIONS_PER_MINUTE_MAX,
    },
    sync: {
      pageRowsDefault: settings.SYNC_BATCH_SIZE,
      changesPerSubmissionMax: settings.CHANGES_PER_SUBMISSION_MAX,
      changesPerMinuteMax: settings.CHANGES_PER_MINUTE_MAX,
      tenantChangesPerMinuteMax: settings.TENANT_CHANGES_PER_MINUTE_MAX,
      strategy: settings.CONFLICT_RESOLUTION_STRATEGY,
      tombstoneRetentionDays: settings.TOMBSTONE_RETENTION_DAYS,
      cacheTtlSeconds: settings.SYNC_CACHE_TTL,
    },
    redis: redisOf(settings),
    files: {
      folder: resolve(settings.FILES_DIR ?? join(settings.ACKORD_DATA_DIR, 'files')),
      s3: s3Of(settings),
      graceDays: settings.FILE_GRACE_DAYS,
    },
    finance: {
      openAccess:
        settings.FINANCE_OPEN_ACCESS ?? (settings.NODE_ENV === 'development' && isThisMachine(settings.HOST)),
    },
    logLevel: settings.LOG_LEVEL,
  };
}

function redisOf({ REDIS_URL: url, REDIS_CLUSTER_URLS: urls }: Settings): RedisPlace | null {
  if (url !== null) return { kind: 'standalone', url };
  return urls === null ? null : { kind: 'cluster', urls };
}

function s3Of(settings: Settings): S3Settings | null {
  const {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = settings;
  if (endpoint === null || bucket === null || accessKeyId === null || secretAccessKey === null) return null;
  const publicEndpoint = settings.S3_PUBLIC_ENDPOINT ?? endpoint;
  return { endpoint, publicEndpoint, bucket, region: settings.S3_REGION, accessKeyId, secretAccessKey };
}
