/** The native protocol on a server: its sockets and its REST calls, put together. */
import { LIMITS, schemaHash } from '@ackord/core';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../engine/engine.ts';
import { watchDoor } from '../../http/door.ts';
import { FairGate } from '../../limits/fair-gate.ts';
import type { Logger } from '../../observe/logger.ts';
import type { OriginRules } from '../websocket/origins.ts';
import type { SocketHost } from '../websocket/socket-host.ts';
import { PushGate } from './push-gate.ts';
import { Rooms } from './rooms.ts';
import { syncEndpoint } from './sync-endpoint.ts';
import { addSyncRoutes } from './sync-routes.ts';
import type { SyncTools } from './sync-tools.ts';

export interface SyncParts {
  readonly app: FastifyInstance;
  readonly sockets: SocketHost;
  readonly engine: Engine;
  readonly logger: Logger;
  readonly origins: OriginRules;
  readonly epoch: () => number;
}

export interface ServedSync {
  /**
   * Tells all sessions that the server goes away, answers what they have pushed, and closes their sockets. Resolves when
   * that is done, or takes too long.
   */
  sayBye(): Promise<void>;
  /** To be called when the sockets are closed; waits for pages that are being read. */
  close(): Promise<void>;
}

export async function serveSync(parts: SyncParts): Promise<ServedSync> {
  const { app, sockets, engine, logger, origins, epoch } = parts;
  const hashes = new Map(engine.registry.domains.map((domain) => [domain.name, schemaHash(domain)]));
  const tools: SyncTools = {
    engine,
    logger,
    epoch,
    rooms: new Rooms(engine),
    pulls: new FairGate(LIMITS.pullsAtOnceMax),
    pushes: new PushGate(),
    door: watchDoor(app.server),
    schemaOf: (domain) => hashes.get(domain) ?? null,
  };
  const endpoint = syncEndpoint(tools, origins);
  sockets.add(endpoint);
  await addSyncRoutes(app, tools);
  return {
    sayBye: () => endpoint.sayBye(),
    async close() {
      endpoint.close();
      await tools.pulls.idle();
    },
  };
}
