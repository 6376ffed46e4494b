/** `tenant_disconnect`: the app is about to leave → `tenant_disconnect_ack`. It closes the socket itself. */
import { z } from 'zod';
import { messageKind } from './message-kind.ts';

export const tenantDisconnect = messageKind({
  type: 'tenant_disconnect',
  schema: z.object({ tenant_id: z.string().optional(), reason: z.string().nullish() }),
  handle(session, { tenant_id }) {
    const isThis = tenant_id === undefined || tenant_id === session.tenantId;
    session.send({
      type: 'tenant_disconnect_ack',
      tenant_id: session.tenantId,
      status: isThis ? 'success' : 'error',
      ...(!isThis && { message: 'This connection belongs to another tenant.' }),
    });
  },
});
