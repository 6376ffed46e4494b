/** `connection_status_request` → `connection_status_response`. Counts are those of the own tenant: others are nobody's business. */
import { z } from 'zod';
import { messageKind } from './message-kind.ts';

export const connectionStatusRequest = messageKind({
  type: 'connection_status_request',
  schema: z.object({}),
  handle(session) {
    const room = session.tools.roomOf(session.tenantId);
    const sockets = room?.size ?? 0;
    const isReady = room?.position != null;
    session.send({
      type: 'connection_status_response',
      tenant_id: session.tenantId,
      backend_status: isReady ? 'online' : 'maintenance',
      connection_healthy: true,
      stats: {
        total_connections: sockets,
        healthy_connections: sockets,
        tenant_count: 1,
        heartbeat_active: true,
      },
    });
  },
});
