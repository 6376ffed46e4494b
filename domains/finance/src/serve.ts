/** The finance domain on a server: its sockets and its REST routes, put together. */
import type { DomainServices, ServedPart } from '@ackord/server';
import { addRestRoutes, mayOpen } from '@ackord/server';
import { financeRoutes } from './rest/finance-routes.ts';
import { createHub } from './socket/hub.ts';
import type { FinanceTools } from './tools.ts';

export async function serveFinance(services: DomainServices): Promise<ServedPart> {
  const { app, sockets, engine, accounts, users, files, config, logger } = services;
  const { openAccess } = config.finance;
  const origins = { allowed: config.http.corsOrigins, guarded: openAccess };
  const hub = createHub({
    engine,
    logger,
    openAccess,
    origins,
    journal: { refused: () => {}, sessionEnded: () => {} },
  });
  sockets.add(hub.endpoint);
  const tools: FinanceTools = {
    engine,
    accounts,
    users,
    fileStore: files,
    live: hub,
    retryQueue: hub,
    openAccess,
    now: Date.now,
  };
  await addRestRoutes(app, financeRoutes(tools), {
    openAccess,
    isOriginAllowed: (origin) => mayOpen(origin, origins),
  });
  return { close: hub.close };
}
