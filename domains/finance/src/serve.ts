/** The finance domain on a server: its sockets and its REST routes, put together. */
import { LIMITS } from '@ackord/core';
import {
  addApiDocs,
  addRestRoutes,
  type DomainServices,
  isOwnName,
  mayOpen,
  originRules,
  type ServedPart,
} from '@ackord/server';
import { financeCheckpointForm } from './models/checkpoint-form.ts';
import { type ApiTools, apiRoutes, financeApi } from './rest/api.ts';
import { createHub } from './socket/hub.ts';
import { createSyncJournal } from './socket/journal.ts';
import { createTenantChecksums } from './status/tenant-checksums.ts';

export interface FinanceOptions {
  /** How long after its arrival an edit must have been made for something to count as seen, in milliseconds. */
  readonly seenMarginMs?: number;
}

export async function serveFinance(
  services: DomainServices,
  { seenMarginMs = LIMITS.socketSeenMarginMs }: FinanceOptions = {},
): Promise<ServedPart> {
  const { app, sockets, engine, cache, accounts, users, files, models, checkpoints, config, logger } =
    services;
  const { openAccess } = config.finance;
  const origins = originRules(config.http, openAccess);
  const checksums = createTenantChecksums({ engine, cache });
  const now = Date.now;
  const hub = createHub({
    engine,
    cache,
    logger,
    openAccess,
    origins,
    seenMarginMs,
    status: { engine, checksums, now },
    journal: createSyncJournal(models, now),
  });
  sockets.add(hub.endpoint);
  const tools: ApiTools = {
    engine,
    accounts,
    users,
    models,
    checkpoints: checkpoints(financeCheckpointForm),
    checksums,
    queue: hub,
    live: hub,
    retryQueue: hub,
    logger,
    fileStore: files,
    openAccess,
    now,
  };
  await addRestRoutes(app, apiRoutes(tools), {
    openAccess,
    isOriginAllowed: (origin) => mayOpen(origin, origins),
    isHostAllowed: (host) => isOwnName(host, origins),
  });
  addApiDocs(app, financeApi());
  return { close: hub.close };
}
