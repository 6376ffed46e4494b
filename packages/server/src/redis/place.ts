/**
 * Where Redis is, and how this server behaves towards it: nothing waits for a connection that is not there, nothing is sent
 * twice, a silent one is dropped and connected to anew, for ever.
 */
import { LIMITS } from '@ackord/core';
import { Cluster, Redis } from 'ioredis';

export type RedisPlace =
  | { readonly kind: 'standalone'; readonly url: string }
  /** Some nodes of the cluster; the others are learned from them. Name, password and TLS of the first one hold for all. */
  | { readonly kind: 'cluster'; readonly urls: readonly string[] };

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** Who this server is to Redis. */
export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  /** Of a standalone one: which of its numbered databases. */
  readonly db?: number;
  readonly tls?: Record<string, never>;
}

export const addressText = ({ host, port }: NodeAddress): string => `${host}:${port}`;

const PORT = 6_379;

/** redis://name:password@host:port/number, or rediss:// for TLS. */
export function readRedisUrl(url: string): { readonly address: NodeAddress; readonly login: RedisLogin } {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const number = Number(pathname.slice(1));
  return {
    // An IPv6 address stands in brackets.
    address: {
      host: hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
      port: port === '' ? PORT : Number(port),
    },
    login: {
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...(Number.isInteger(number) && number > 0 && { db: number }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  };
}

/** Milliseconds until the next try; spread, so that servers which lost Redis together do not come back together. */
const retryAfter = (times: number): number => {
  const most = Math.min(25 * 2 ** Math.min(times, 10), LIMITS.redisRetryMsMax);
  return Math.round(most * (0.5 + Math.random() / 2));
};

const MANNERS = {
  connectionName: 'ackord',
  disableClientInfo: true,
  connectTimeout: LIMITS.redisConnectMsMax,
  socketTimeout: LIMITS.redisSilenceMsMax,
  // A command fails at once when the connection does, rather than wait for the next one.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Whoever subscribes does so again by itself, and looks whether that worked.
  autoResubscribe: false,
} as const;

export const connectTo = ({ host, port }: NodeAddress, login: RedisLogin): Redis =>
  new Redis({ ...MANNERS, ...login, host, port, retryStrategy: retryAfter });

/** For commands on keys, wherever they lie. */
export function connectForKeys(place: RedisPlace): Redis | Cluster {
  if (place.kind === 'standalone') {
    const { address, login } = readRedisUrl(place.url);
    return connectTo(address, login);
  }
  const nodes = place.urls.map(readRedisUrl);
  const { db: _, ...login } = nodes[0]?.login ?? {};
  const { enableOfflineQueue, ...manners } = MANNERS;
  return new Cluster(
    nodes.map(({ address }) => address),
    {
      enableOfflineQueue,
      clusterRetryStrategy: retryAfter,
      slotsRefreshTimeout: LIMITS.redisSilenceMsMax,
      slotsRefreshInterval: LIMITS.busTopologyMs,
      maxRedirections: 4,
      redisOptions: { ...manners, ...login },
    },
  );
}
