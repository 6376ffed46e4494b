/**
 * What must hold in a database whatever has happened to its servers, looked up in the tables themselves. Gives one line
 * for each fault, none if all is well.
 */
import pg from 'pg';

/** Each query gives the faults of one kind: a row per fault, its columns say which. */
const RULES: Readonly<Record<string, string>> = {
  'the log has every seq from 1 to the head exactly once': `
    SELECT scope.id, scope.head, count(DISTINCT seq) AS seqs, count(seq) AS lines, min(seq) AS first, max(seq) AS last
    FROM ackord.scope LEFT JOIN ackord.sync_log ON scope_id = scope.id
    GROUP BY scope.id
    HAVING count(DISTINCT seq) <> scope.head OR count(seq) <> scope.head
      OR coalesce(min(seq), 1) <> 1 OR coalesce(max(seq), 0) <> scope.head`,
  'later seqs were not committed at earlier times': `
    SELECT * FROM (
      SELECT scope_id, seq, at, lag(at) OVER (PARTITION BY scope_id ORDER BY seq) AS before FROM ackord.sync_log
    ) AS line WHERE at < before`,
  'versions rise by one': `
    SELECT record.scope_id, record.type, record.id, record.version, count(*) AS lines, max(line.version) AS last
    FROM ackord.record JOIN ackord.sync_log AS line USING (scope_id, type, id)
    WHERE line.operation <> 'REFEED'
    GROUP BY record.scope_id, record.type, record.id
    HAVING count(*) <> record.version OR count(DISTINCT line.version) <> record.version
      OR min(line.version) <> 1 OR max(line.version) <> record.version`,
  'a record is fed at its last log line': `
    SELECT record.scope_id, record.type, record.id, record.seq, max(line.seq) AS last
    FROM ackord.record JOIN ackord.sync_log AS line USING (scope_id, type, id)
    GROUP BY record.scope_id, record.type, record.id HAVING max(line.seq) <> record.seq`,
  'a change has one effect': `
    SELECT actor_id, change_id, type, id, count(*) AS lines FROM ackord.sync_log
    WHERE change_id IS NOT NULL AND outcome <> 'refed'
    GROUP BY actor_id, change_id, type, id HAVING count(*) > 1`,
  'every record is where its location says': `
    SELECT type, id FROM ackord.record FULL JOIN ackord.location USING (scope_id, type, id)
    WHERE record.version IS NULL OR location.scope_id IS NULL`,
  'digests are the sums of the live records': `
    SELECT scope_id, type, digest.count, summed.count AS found
    FROM ackord.digest FULL JOIN (
      SELECT scope_id, type, count(*) AS count,
        sum(${unsigned(1)}) % 18446744073709551616 AS high, sum(${unsigned(9)}) % 18446744073709551616 AS low
      FROM ackord.record WHERE tombstone IS NULL GROUP BY scope_id, type
    ) AS summed USING (scope_id, type)
    WHERE coalesce(digest.count, 0) <> coalesce(summed.count, 0)
      OR ${stored('digest.high')} <> coalesce(summed.high, 0) OR ${stored('digest.low')} <> coalesce(summed.low, 0)`,
};

/** Eight bytes of the checksum, from the given one on, as an unsigned number. */
function unsigned(from: number): string {
  const byte = (at: number): string => `get_byte(checksum, ${from - 1 + at})::numeric`;
  return [0, 1, 2, 3, 4, 5, 6, 7].map((at) => `${byte(at)} * ${2n ** BigInt(56 - 8 * at)}`).join(' + ');
}

/** A sum that is stored as the signed number with the same bits. */
function stored(column: string): string {
  return `(CASE WHEN ${column} < 0 THEN ${column}::numeric + 18446744073709551616 ELSE coalesce(${column}, 0) END)`;
}

export const faultsOf = (ownerUrl: string): Promise<string[]> => withClient(ownerUrl, faultsSeenBy);

/** The same, as one session sees it. */
export async function faultsSeenBy(client: pg.Client): Promise<string[]> {
  const faults: string[] = [];
  for (const [rule, query] of Object.entries(RULES)) {
    const { rows } = await client.query(query);
    faults.push(...rows.slice(0, 20).map((row) => `not so: ${rule}: ${JSON.stringify(row)}`));
  }
  return faults;
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface StoredMemory {
  readonly id: string;
  readonly title: string;
  readonly version: number;
}

/** The live memories that are really there. */
export const storedMemories = (ownerUrl: string): Promise<StoredMemory[]> =>
  withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<StoredMemory>(
      `SELECT id, doc->>'title' AS title, version FROM ackord.record
       WHERE type = 'travel.Memory' AND tombstone IS NULL`,
    );
    return rows;
  });
