/** When something was last committed in a tenant: seconds since 1970; null: never, or it is not the caller's to see. */
import type { Actor, Engine } from '@ackord/server';
import { tenantScope } from '../access.ts';

export async function lastSyncTime(
  engine: Pick<Engine, 'lastCommit'>,
  actor: Actor,
  tenantId: string,
): Promise<number | null> {
  const at = await engine.lastCommit(actor, tenantScope(tenantId));
  return at === null ? null : Math.floor(at / 1_000);
}
