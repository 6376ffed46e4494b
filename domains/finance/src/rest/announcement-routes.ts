/** What owners tell the apps that are connected to their tenant, and who is connected. On this server. */
import { answerJson, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant } from '../access.ts';
import {
  maintenanceNotification,
  NOTIFICATION_TYPES,
  noticeText,
  STATUSES,
  statusMessage,
  systemNotification,
} from '../messages/announcements.ts';
import type { FinanceTools } from '../tools.ts';
import { type Call, callerIn, tenantIdText } from './calls.ts';

const TAG = 'Announcements';
const OWNER = { token: 'optional', note: 'the tenant’s owner; in the open mode everybody.' } as const;
const NOT_YOURS = {
  403: { description: 'The caller’s role does not allow this, or the request names another user.' },
  404: { description: 'No tenant of the caller has this id.' },
};

const TOLD = z
  .object({ tenant_id: z.string(), sockets: z.int().min(0).describe('That were told.') })
  .meta({ id: 'Told', description: 'How many sockets were told.' });

const OF_TENANT = { tenant_id: tenantIdText };

export function announcementRoutes(tools: FinanceTools): RestRoute[] {
  const { live, engine, now } = tools;

  /** Tells the tenant's sockets, if the caller may. */
  const tell = async (call: Call, tenantId: string, messages: readonly object[], work = (): void => {}) => {
    const access = await accessToTenant(engine, callerIn(tools, call), tenantId, 'OWNER');
    if (!access.ok) return refuse(access.refusal);
    work();
    return answerJson({ tenant_id: tenantId, sockets: live.tell(tenantId, messages) });
  };
  const answers = { 200: { description: 'They were told.', schema: TOLD }, ...NOT_YOURS };

  return [
    restRoute({
      method: 'GET',
      path: '/api/v1/websocket/connections',
      tag: TAG,
      summary: 'Tells how many sockets of a tenant are open',
      access: OWNER,
      query: z.object(OF_TENANT),
      answers,
      handle: (call) => tell(call, call.query.tenant_id, []),
    }),
    restRoute({
      method: 'POST',
      path: '/api/v1/websocket/broadcast/notification',
      tag: TAG,
      summary: 'Shows a text in the apps of a tenant',
      access: OWNER,
      body: z.object({
        ...OF_TENANT,
        notification_type: z.enum(NOTIFICATION_TYPES).default('info'),
        message: noticeText,
      }),
      answers,
      handle: (call) => {
        const { tenant_id, notification_type, message } = call.body;
        return tell(call, tenant_id, [systemNotification(notification_type, message, now())]);
      },
    }),
    restRoute({
      method: 'POST',
      path: '/api/v1/websocket/broadcast/status',
      tag: TAG,
      summary: 'Tells the apps of a tenant a status; they sync while it is online',
      access: OWNER,
      body: z.object({ ...OF_TENANT, status: z.enum(STATUSES), message: noticeText.optional() }),
      answers,
      handle: (call) => {
        const { tenant_id, status, message } = call.body;
        return tell(call, tenant_id, [statusMessage(status, message)]);
      },
    }),
    restRoute({
      method: 'POST',
      path: '/api/v1/websocket/maintenance',
      tag: TAG,
      summary: 'Asks the apps of a tenant to stop syncing for a while, or to go on',
      description:
        'Apps that connect meanwhile are told too. Entries that arrive all the same are decided as ever.',
      access: OWNER,
      body: z.object({
        ...OF_TENANT,
        maintenance_enabled: z.boolean(),
        message: noticeText.default('Maintenance.'),
      }),
      answers,
      handle: (call) => {
        const { tenant_id, maintenance_enabled: isOn, message } = call.body;
        const status = statusMessage(isOn ? 'maintenance' : 'online', isOn ? message : undefined);
        return tell(call, tenant_id, [status, maintenanceNotification(isOn, message, now())], () =>
          live.setMaintenance(tenant_id, isOn ? message : null),
        );
      },
    }),
  ];
}
