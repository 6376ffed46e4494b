/** `process_sync_entry`: an entry of the app's queue → `sync_ack` or `sync_nack`. */
import { z } from 'zod';
import { decodeEntry } from '../socket/decode-entry.ts';
import { messageKind } from './message-kind.ts';

export const processSyncEntry = messageKind({
  type: 'process_sync_entry',
  schema: z.object({ payload: z.unknown() }),
  handle(session, { payload }) {
    const read = decodeEntry(payload, session.tenantId);
    switch (read.kind) {
      case 'change':
        return session.receive([read], ([decided]) => {
          if (decided) session.send(decided.answer);
        });
      case 'no effect':
        return session.send(ackWithoutEffect(read.name));
      case 'refused':
        session.tools.onRefused(session, read.nack);
        return session.send({ ...read.nack, server_timestamp: Date.now() });
    }
  },
});

/** Loads and resets are told to the server for the record: there is nothing to do. */
export const ackWithoutEffect = (name: object) => ({
  type: 'sync_ack',
  ...name,
  status: 'processed',
  server_timestamp: Date.now(),
  checksum: null,
});
