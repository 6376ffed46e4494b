/** Which node of Redis has which channel: of a standalone one all, of a cluster see redis-cluster.ts. */
import { type RedisPlace, readRedisUrl } from '../redis/place.ts';
import { openCluster } from './redis-cluster.ts';
import { RedisLink } from './redis-link.ts';

export interface RedisNodes {
  /** null: nobody is known to have it. */
  linkOf(channel: string): RedisLink | null;
  stop(): void;
}

export interface NodesEvents {
  readonly onMessage: (text: string) => void;
  /** All channels are heard, and can be sent to. */
  readonly onUp: () => void;
  readonly onDown: (cause: string) => void;
}

export function openNodes(redis: RedisPlace, channels: readonly string[], events: NodesEvents): RedisNodes {
  return redis.kind === 'standalone'
    ? openStandalone(redis.url, channels, events)
    : openCluster(redis.urls, channels, events);
}

function openStandalone(url: string, channels: readonly string[], events: NodesEvents): RedisNodes {
  const { address, login } = readRedisUrl(url);
  const link: RedisLink = new RedisLink(address, login, {
    message: events.onMessage,
    changed: () => {
      if (link.canSend && link.hearsAll()) events.onUp();
    },
    moved: () => {},
    failed: events.onDown,
  });
  link.want(new Set(channels));
  return { linkOf: () => link, stop: () => link.stop() };
}
