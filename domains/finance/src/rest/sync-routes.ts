/** All routes under /api/v1/sync. */
import type { RestRoute } from '@ackord/server';
import { syncCheckpointRoutes } from './sync-checkpoint-routes.ts';
import { syncConflictRoutes } from './sync-conflict-routes.ts';
import { syncLogRoutes } from './sync-log-routes.ts';
import { syncStatusRoutes } from './sync-status-routes.ts';
import type { SyncTools } from './sync-tools.ts';

export const syncRoutes = (tools: SyncTools): RestRoute[] => [
  ...syncStatusRoutes(tools),
  ...syncConflictRoutes(tools),
  ...syncLogRoutes(tools),
  ...syncCheckpointRoutes(tools),
];
