/** What all peers are given: records of about 400 bytes as JSON, new ones each time. */
import { randomUUID } from 'node:crypto';
import type { BenchRecord } from '../peers/peer.ts';

const TEXT =
  'The road follows the coast, and where it leaves it, one hears the sea behind the dunes. In the evening we found ' +
  'a place by the harbour, looked at the boats that came in one after the other, and wrote down what the keeper of ' +
  'the lighthouse had told us.';

let made = 0;

export const newRecord = (): BenchRecord => {
  made++;
  return {
    id: randomUUID(),
    name: `Evening by the harbour ${made}`,
    text: TEXT,
    amount: (made % 9_000) / 100,
    editedAt: '2026-05-01T18:30:00.000Z',
  };
};

export const newRecords = (count: number): BenchRecord[] => Array.from({ length: count }, newRecord);

/** The same record after another edit. */
export const edited = (record: BenchRecord): BenchRecord => ({
  ...record,
  name: `${record.name}, again`,
  editedAt: '2026-05-02T18:30:00.000Z',
});
