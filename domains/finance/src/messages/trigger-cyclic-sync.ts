/** `trigger_cyclic_sync`: does now what the server does by itself now and then → `cyclic_sync_result`. */
import { z } from 'zod';
import { messageKind } from './message-kind.ts';
import { tryNow } from './sync-queue.ts';

export const triggerCyclicSync = messageKind({
  type: 'trigger_cyclic_sync',
  schema: z.object({ tenant_id: z.string().optional() }),
  async handle(session) {
    const { processed_count, successful_count, failed_count } = await tryNow(session);
    session.send({
      type: 'cyclic_sync_result',
      tenant_id: session.tenantId,
      triggered: true,
      total_processed: processed_count,
      total_successful: successful_count,
      total_failed: failed_count,
      reason: null,
      error: null,
    });
  },
});
