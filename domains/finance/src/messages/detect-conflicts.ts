/** `detect_conflicts`: where the app and the server differ → `conflict_report`. */
import { LIMITS } from '@ackord/core';
import { z } from 'zod';
import type { Session } from '../socket/session.ts';
import { type ClientChecksums, detectConflicts } from '../status/detect-conflicts.ts';
import { errorMessage } from './errors.ts';
import { messageKind } from './message-kind.ts';

const clientChecksum = z.object({
  entity_id: z.string().max(LIMITS.idLengthMax),
  checksum: z.string().max(LIMITS.wordLengthMax),
  last_modified: z.number().nullish(),
});

export const detectConflictsRequest = messageKind({
  type: 'detect_conflicts',
  schema: z.object({
    tenant_id: z.string().optional(),
    client_checksums: z.record(z.string(), z.array(clientChecksum)),
  }),
  handle: (session, { client_checksums }) => reportConflicts(session, client_checksums),
});

export async function reportConflicts(session: Session, sent: ClientChecksums): Promise<void> {
  const { tools, actor, tenantId } = session;
  const found = await detectConflicts(tools.status, actor, tenantId, sent);
  if (!found.ok) return session.send(errorMessage(found.code, undefined, 'detect_conflicts'));
  await session.sendText(JSON.stringify({ type: 'conflict_report', tenant_id: tenantId, ...found.detected }));
}
