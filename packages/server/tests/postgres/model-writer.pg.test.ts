/** What is recorded while the database is away is written when it is back. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { DatabaseFailure } from '../../src/store/failure.ts';
import { startModelWriter } from '../../src/store/model-writer.ts';
import { freshDatabase, openOn, withSession } from './support.ts';

test('rows wait for the database, the newest of each, and none is lost', async () => {
  const test = await freshDatabase();
  await (await openOn(test)).close();
  const real = openDatabase({
    url: test.appUrl,
    poolMax: 1,
    role: null,
    statementMsMax: 5_000,
    log: () => {},
  });
  let isAway = true;
  const database: Database = {
    ...real,
    use: (work) => (isAway ? Promise.reject(new DatabaseFailure('unavailable', 'away')) : real.use(work)),
  };
  const lines: string[] = [];
  const writer = startModelWriter(database, (line) => lines.push(line));
  const tenantId = randomUUID();
  const refusal = (entryId: string, retryCount: number) => ({
    tenantId,
    entryId,
    retryCount,
    actor: 'a',
    entityType: 'Tag',
    entityId: 't',
    operation: 'update',
    code: 'UNAVAILABLE' as const,
    message: 'Away.',
    at: 1_000,
  });
  writer.refusal(refusal('one', 0));
  writer.refusal(refusal('two', 0));
  await writer.flush();
  writer.refusal(refusal('one', 1));
  await writer.flush();
  isAway = false;
  writer.processed({ tenantId, entryId: 'two' });
  await writer.flush();
  const rows = await withSession(test.ownerUrl, (session) =>
    session.rows('SELECT entry_id, retry_count, settled FROM ackord.sync_refusal ORDER BY entry_id'),
  );
  expect(rows).toEqual([
    { entry_id: 'one', retry_count: 1, settled: null },
    { entry_id: 'two', retry_count: 0, settled: 'processed' },
  ]);
  isAway = true;
  writer.refusal(refusal('three', 0));
  await writer.close();
  expect(lines).toEqual(['1 rows of sync logs were lost: the database was away']);
  await real.close();
  await test.drop();
});
