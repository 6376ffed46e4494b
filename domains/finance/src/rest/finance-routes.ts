/** All REST routes around the app, in the order in which the documentation lists them. */
import type { RestRoute } from '@ackord/server';
import type { FinanceTools } from '../tools.ts';
import { accountRoutes } from './account-routes.ts';
import { announcementRoutes } from './announcement-routes.ts';
import { databaseRoutes } from './database-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { logoRoutes } from './logo-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { tenantRoutes } from './tenant-routes.ts';
import { tenantUpkeepRoutes } from './tenant-upkeep-routes.ts';
import { userRoutes } from './user-routes.ts';

export const financeRoutes = (tools: FinanceTools): RestRoute[] => [
  ...accountRoutes(tools),
  ...userRoutes(tools),
  ...tenantRoutes(tools),
  ...memberRoutes(tools),
  ...tenantUpkeepRoutes(tools),
  ...settingsRoutes(tools),
  ...logoRoutes(tools),
  ...databaseRoutes(tools),
  ...announcementRoutes(tools),
  ...healthRoutes(tools),
];

/** What each heading is about. */
export const FINANCE_TAGS = [
  { name: 'Accounts', description: 'Registering and signing in.' },
  { name: 'Users', description: 'Who uses the app.' },
  { name: 'Tenants', description: 'Households: each has records, members and one owner.' },
  { name: 'Settings', description: 'What a user’s devices share beside records.' },
  { name: 'Logos', description: 'Small pictures of accounts and their groups.' },
  { name: 'Databases', description: 'A tenant as a SQLite file.' },
  { name: 'Announcements', description: 'What owners tell the apps of a tenant.' },
  { name: 'Health', description: 'Is the server there?' },
] as const;
