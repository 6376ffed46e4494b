/** The REST API of the domain as a whole: its routes, and their description. */
import { openApiDocument, type RestRoute } from '@ackord/server';
import type { FinanceTools } from '../tools.ts';
import { FINANCE_TAGS, financeRoutes } from './finance-routes.ts';
import { syncRoutes } from './sync-routes.ts';
import type { SyncTools } from './sync-tools.ts';

export type ApiTools = FinanceTools & SyncTools;

export const apiRoutes = (tools: ApiTools): RestRoute[] => [...syncRoutes(tools), ...financeRoutes(tools)];

/** OpenAPI 3.1. What routes do it with is nothing that they say. */
export const financeApi = () =>
  openApiDocument(apiRoutes({} as ApiTools), {
    title: 'Ackord: finance',
    version: '1',
    description:
      'What apps of households ask for beside their socket: how syncing is getting on, accounts, tenants, settings, logos, files.',
    tags: [
      {
        name: 'Sync',
        description: 'Status, checksums, conflicts, logs, metrics and checkpoints of a tenant.',
      },
      ...FINANCE_TAGS,
    ],
  });
