/** What apps ask before anything else: is the server there? */
import { formatInstant } from '@ackord/core';
import { answerJson, type RestRoute, restRoute } from '@ackord/server';
import { z } from 'zod';
import type { FinanceTools } from '../tools.ts';

const TAG = 'Health';
const EVERYBODY = { token: 'none', note: 'everybody.' } as const;

export function healthRoutes({ live, now }: Pick<FinanceTools, 'live' | 'now'>): RestRoute[] {
  return [
    restRoute({
      method: 'GET',
      path: '/ping',
      tag: TAG,
      summary: 'Answers that the server is there',
      access: EVERYBODY,
      alwaysOpen: true,
      answers: {
        200: { description: 'It is.', schema: z.object({ status: z.string(), message: z.string() }) },
      },
      handle: () => answerJson({ status: 'ok', message: 'pong' }),
    }),
    restRoute({
      method: 'GET',
      path: '/health',
      tag: TAG,
      summary: 'Answers that the server works',
      access: EVERYBODY,
      alwaysOpen: true,
      answers: { 200: { description: 'It does.', schema: z.object({ status: z.literal('healthy') }) } },
      handle: () => answerJson({ status: 'healthy' }),
    }),
    restRoute({
      method: 'GET',
      path: '/api/v1/websocket/health',
      tag: TAG,
      summary: 'Tells whether sockets are served, and how many are open',
      description: 'Apps that have lost their socket ask this every 15 seconds, and connect when it answers.',
      access: EVERYBODY,
      alwaysOpen: true,
      answers: { 200: { description: 'They are.', schema: SOCKET_HEALTH } },
      handle: () => {
        const { total, healthy, tenants, heartbeatActive } = live.connections();
        return answerJson({
          overall_health: 'healthy',
          connection_stats: {
            total_connections: total,
            healthy_connections: healthy,
            tenant_count: tenants,
            heartbeat_active: heartbeatActive,
          },
          tenant_metrics: { connected_tenants: tenants },
          heartbeat_status: heartbeatActive ? 'active' : 'inactive',
          timestamp: formatInstant(now()),
        });
      },
    }),
  ];
}

const count = z.int().min(0);

const SOCKET_HEALTH = z
  .object({
    overall_health: z.literal('healthy'),
    connection_stats: z.object({
      total_connections: count,
      healthy_connections: count,
      tenant_count: count,
      heartbeat_active: z.boolean(),
    }),
    tenant_metrics: z
      .object({ connected_tenants: count })
      .describe('Only sums: ids of tenants are nobody else’s business.'),
    heartbeat_status: z.enum(['active', 'inactive']),
    timestamp: z.string(),
  })
  .meta({ id: 'SocketHealth', description: 'How the sockets are.' });
