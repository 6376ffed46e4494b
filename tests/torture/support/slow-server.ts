/**
 * A whole server whose transactions stay open for a while between writing and committing, for tests of what happens
 * in between. Settings are those of every server, and:
 *   OWNER_URL, APP_URL   the database
 *   HOLD_MS_MAX          each transaction is held open for 0 … this many milliseconds, at random
 *   PLANT                a defect to plant: seq-before-lock (seq-before-lock.ts)
 * Tells its parent process of every commit.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRegistry } from '@ackord/core';
import { createEngine, createLogger, openPostgresStore, parseConfig, type Store } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { createAuth } from '../../../packages/server/src/auth/create-auth.ts';
import type { Files } from '../../../packages/server/src/files/ports.ts';
import { callerAddress } from '../../../packages/server/src/http/caller-address.ts';
import { createHttpServer } from '../../../packages/server/src/http.ts';
import { createMetrics } from '../../../packages/server/src/observe/metrics.ts';
import { graphqlPlugin } from '../../../packages/server/src/transports/graphql/plugin.ts';
import { serveSync } from '../../../packages/server/src/transports/sync/serve-sync.ts';
import { originRules } from '../../../packages/server/src/transports/websocket/origins.ts';
import { createSocketHost } from '../../../packages/server/src/transports/websocket/socket-host.ts';
import { withSeqBeforeLock } from './seq-before-lock.ts';

const { OWNER_URL = '', APP_URL = '', HOLD_MS_MAX = '0', PLANT = '' } = process.env;

/** Holds every transaction that writes, and counts it when it is committed. */
function slowly(store: Store): Store {
  const transaction: Store['transaction'] = async (work) => {
    let writes = false;
    const end = await store.transaction(async (inner) => {
      const value = await work({
        lockScopes: (ids, options) => inner.lockScopes(ids, options),
        read: (request) => inner.read(request),
        readDetails: (request) => inner.readDetails(request),
        write: (set) => {
          writes = true;
          return inner.write(set);
        },
      });
      if (writes) await sleep(Math.random() * Number(HOLD_MS_MAX));
      return value;
    });
    if (writes && end.outcome === 'committed') process.send?.('committed');
    return end;
  };
  return Object.create(store, { transaction: { value: transaction } }) as Store;
}

async function main(): Promise<void> {
  const parsed = parseConfig(process.env);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const { config } = parsed;
  const registry = createRegistry([travelDomain]);
  const logger = createLogger({ level: config.logLevel });
  const metrics = createMetrics({ entityTypes: new Set(), process: false });
  const urls = { ownerUrl: OWNER_URL, appUrl: APP_URL };
  const { store, users } = await openPostgresStore({ ...urls, registry, log: () => {} });
  const auth = await createAuth({ config, users, metrics });
  const planted = PLANT === 'seq-before-lock' ? await withSeqBeforeLock(store, OWNER_URL) : store;
  const engine = createEngine({
    registry,
    store: slowly(planted),
    strategy: config.sync.strategy,
    observer: { ...metrics.observer, defect: (facts) => logger.error(facts, 'defect') },
  });
  const { authenticate, accounts } = auth;
  const http = await createHttpServer({ config: config.http, logger, metrics, authenticate, checks: {} });
  // None of its tests asks for a file.
  const files = {} as Files;
  const domain = { domain: travelGraphQL, path: '/graphql', files };
  await http.app.register((app) => graphqlPlugin(app, { engine, accounts, users, config, ...domain }));
  const sockets = createSocketHost({
    server: http.app.server,
    authenticate,
    addressOf: callerAddress(config.http.trustProxy),
    onDefect: (cause) => logger.error({ err: cause }, 'a socket could not be opened'),
  });
  const origins = originRules(config.http, false);
  await serveSync({ app: http.app, sockets, engine, logger, origins, epoch: () => store.epoch });
  const { url } = await http.listen();
  process.stdout.write(`${JSON.stringify({ level: 'info', message: 'listening', url })}\n`);
}

await main();
