/** Rules between settings, and what is accepted although somebody should know about it. */
import { LIMITS } from '@ackord/core';
import type { Environment, Settings } from './schema.ts';
import { secretWeakness } from './weak-secret.ts';

/** What only holds between settings. Looks at the texts, so that it also speaks when other settings are wrong. */
export function ruleProblems(given: Environment): string[] {
  const problems: string[] = [];
  const production = given.NODE_ENV === 'production';
  if (production && given.JWT_SECRET === undefined)
    problems.push(
      'JWT_SECRET: not set, but production needs it; give at least 32 random bytes, for example from: openssl rand -base64 48.',
    );
  const weakness = given.JWT_SECRET === undefined ? null : secretWeakness(given.JWT_SECRET);
  if (production && weakness)
    problems.push(
      `JWT_SECRET: the given value ${weakness}; give at least 32 random bytes, for example from: openssl rand -base64 48.`,
    );
  if (given.AUTH_JWKS_URL !== undefined) {
    for (const name of ['AUTH_ISSUER', 'AUTH_AUDIENCE'])
      if (given[name] === undefined)
        problems.push(`${name}: not set, but AUTH_JWKS_URL needs it; give what the provider's tokens carry.`);
    if (production && given.AUTH_JWKS_URL.startsWith('http://'))
      problems.push(
        `AUTH_JWKS_URL: "${given.AUTH_JWKS_URL}" is not allowed in production; give a URL that begins with https://.`,
      );
  }
  if (given.DATABASE_APP_URL !== undefined && given.DATABASE_URL === undefined)
    problems.push(
      'DATABASE_URL: not set, but DATABASE_APP_URL needs it; give the same database as the role that owns the tables.',
    );
  if (isOn(given.FINANCE_OPEN_ACCESS) && !isOn(given.FINANCE_OPEN_ACCESS_CONFIRMED)) {
    const everywhere = !isThisMachine(given.HOST ?? '127.0.0.1');
    if (production || everywhere)
      problems.push(
        `FINANCE_OPEN_ACCESS: true would open every tenant to whoever reaches this server${production ? ', in production' : ''}; if that is meant, set FINANCE_OPEN_ACCESS_CONFIRMED=true too.`,
      );
  }
  if (given.REDIS_URL !== undefined && given.REDIS_CLUSTER_URLS !== undefined)
    problems.push(
      'REDIS_CLUSTER_URLS: given together with REDIS_URL, and only one of them can be meant; give REDIS_URL for a standalone Redis, or REDIS_CLUSTER_URLS for the nodes of a cluster.',
    );
  problems.push(...workerProblems(given));
  problems.push(...storeProblems(given));
  return problems;
}

/** Found out under load, it would be a riddle. */
function workerProblems({ WORKERS, DATABASE_POOL_MAX, DATABASE_URL }: Environment): string[] {
  const [workers, each] = [WORKERS ?? '1', DATABASE_POOL_MAX ?? String(LIMITS.databaseConnectionsMax)];
  const areNumbers = [workers, each].every((text) => /^\d{1,3}$/.test(text));
  if (!areNumbers || Number(workers) === 1 || DATABASE_URL !== undefined) return [];
  const { embeddedConnectionsMax } = LIMITS;
  if (Number(workers) * Number(each) <= embeddedConnectionsMax) return [];
  return [
    `WORKERS: ${workers} workers with ${each} connections each are more than the ${embeddedConnectionsMax} that the own PostgreSQL has for them; give fewer workers, a smaller DATABASE_POOL_MAX, or a PostgreSQL of yours as DATABASE_URL.`,
  ];
}

const isOn = (text: string | undefined): boolean => text === 'on' || text === 'true';

export const isThisMachine = (host: string): boolean => ['127.0.0.1', '::1', 'localhost'].includes(host);

const isOpenRedis = (url: string | null): boolean => url !== null && new URL(url).password === '';

const STORE_SETTINGS = ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;

/** Half a store would be found out at the first upload, by a user. */
function storeProblems(given: Environment): string[] {
  const named = [...STORE_SETTINGS, 'S3_PUBLIC_ENDPOINT', 'S3_REGION'].find(
    (name) => given[name] !== undefined,
  );
  if (named === undefined) return [];
  return STORE_SETTINGS.filter((name) => given[name] === undefined).map(
    (name) => `${name}: not set, but ${named} needs it; give all of ${STORE_SETTINGS.join(', ')}, or none.`,
  );
}

export function warnings(settings: Settings): string[] {
  const { NODE_ENV, JWT_SECRET, HOST, AUTH_ISSUER, AUTH_AUDIENCE, AUTH_JWKS_URL } = settings;
  const found: string[] = [];
  const weakness = JWT_SECRET === null ? null : secretWeakness(JWT_SECRET);
  if (weakness) found.push(`JWT_SECRET ${weakness}; production would refuse it.`);
  if (NODE_ENV === 'development' && !isThisMachine(HOST))
    found.push(`This is a development set-up, and HOST=${HOST} opens it to other machines.`);
  if (AUTH_JWKS_URL === null && (AUTH_ISSUER ?? AUTH_AUDIENCE) !== null)
    found.push('AUTH_ISSUER and AUTH_AUDIENCE do nothing without AUTH_JWKS_URL.');
  if (NODE_ENV === 'production' && settings.PUBLIC_URL === null && settings.S3_ENDPOINT === null)
    found.push(
      'PUBLIC_URL is not set: the URLs of files name the host and protocol of each request, which a proxy may have changed.',
    );
  if (settings.FINANCE_OPEN_ACCESS && settings.FINANCE_OPEN_ACCESS_CONFIRMED)
    found.push(
      'FINANCE_OPEN_ACCESS is on: finance apps need no token, and whoever knows the id of a tenant owns it.',
    );
  if (
    settings.NODE_ENV === 'production' &&
    [settings.REDIS_URL, ...(settings.REDIS_CLUSTER_URLS ?? [])].some(isOpenRedis)
  )
    found.push(
      'Redis is used without a password: whoever reaches it reads what it caches. Put one into the URL, or make sure that only servers reach it.',
    );
  return found;
}
