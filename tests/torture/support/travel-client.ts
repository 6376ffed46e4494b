/** What a travel app says to a server, as far as these tests need it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Connection, connect, LostAnswer } from './connection.ts';

const AT = '2026-05-01T08:00:00.000Z';

export interface Row {
  readonly changeId: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Rows by list: `{ trips: [...], memories: [...] }`. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

const create = { syncVersion: 0, clientTimestamp: AT, operation: 'CREATE' };

export const tripRow = (more: Partial<Row> = {}): Row => ({
  id: randomUUID(),
  changeId: randomUUID(),
  ...create,
  name: 'Brittany',
  startDate: AT,
  ...more,
});

export const memoryRow = (tripId: string, more: Partial<Row> = {}): Row => ({
  id: randomUUID(),
  changeId: randomUUID(),
  ...create,
  tripId,
  title: 'Lighthouse',
  ...more,
});

/** A new user; the token is good at every server of the same database and secret. */
export async function signUp(url: string): Promise<string> {
  const connection = connect(url);
  const input = { email: `${randomUUID()}@example.org`, password: 'long enough' };
  await connection.ask('mutation ($input: UserInput!) { register(input: $input) { id } }', { input });
  const answer = await connection.ask('mutation ($input: UserInput!) { login(input: $input) { token } }', {
    input,
  });
  connection.close();
  return String(answer.data.login.token);
}

export interface Success {
  readonly changeId: string;
  readonly entityId: string;
  readonly syncVersion: number | null;
  readonly outcome: string;
  readonly winner: string | null;
  readonly replayed: boolean;
  readonly seq: number;
  /** The record, where it is not what was sent. */
  readonly data: string | null;
}

export interface Failure {
  readonly changeId: string;
  readonly entityId: string;
  readonly index: number;
  readonly code: string;
  readonly retryable: boolean;
}

export interface Sent {
  readonly successful: readonly Success[];
  readonly failed: readonly Failure[];
  readonly conflicts: readonly { readonly entityId: string; readonly index: number }[];
}

const BULK_SYNC = `mutation Sync($input: BulkSyncInput!) { bulkSync(input: $input) {
  successful { changeId entityId syncVersion outcome winner replayed seq data }
  conflicts { entityId index conflictType }
  failed { changeId entityId index code retryable retryAfterMs field } } }`;

/** One try. Throws when the answer is lost or the call is refused as a whole. */
export async function send(
  connection: Connection,
  rows: Rows,
  options?: { cut?: AbortSignal },
): Promise<Sent> {
  return bulkOf(await connection.ask(BULK_SYNC, { input: rows }, options));
}

export class CallFailed extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(JSON.stringify(answer));
    this.answer = answer;
  }
}

function bulkOf(answer: Answer): Sent {
  if (answer.errors.length > 0 || answer.status !== 200) throw new CallFailed(answer);
  return answer.data.bulkSync as Sent;
}

/** A call that was refused for a passing cause: the same call may succeed later. */
const mayPass = (error: unknown): boolean =>
  error instanceof LostAnswer ||
  (error instanceof CallFailed &&
    error.answer.errors.every(({ extensions }) => ['BUSY', 'UNAVAILABLE'].includes(extensions.code)));

export interface Patience {
  /** Told of every answer that was lost or refused for a passing cause. */
  readonly onRetry?: () => void;
  /** Where to go on: after a restart the server has another address. */
  readonly connection: () => Connection | Promise<Connection>;
}

/**
 * Sends rows of one list as a device does: what was not acknowledged goes again, under the same change ids, until all of
 * it is. Throws at a final refusal. Gives one receipt per row.
 */
export async function sendAll(
  { connection, onRetry = () => {} }: Patience,
  list: string,
  rows: readonly Row[],
): Promise<Success[]> {
  const done: Success[] = [];
  let left = rows;
  for (;;) {
    try {
      const { successful, failed, conflicts } = await send(await connection(), { [list]: left });
      done.push(...successful);
      const final = failed.filter(({ retryable }) => !retryable);
      if (final.length > 0 || conflicts.length > 0) throw new Error(JSON.stringify({ final, conflicts }));
      const acknowledged = new Set(successful.map(({ changeId }) => changeId));
      left = left.filter(({ changeId }) => !acknowledged.has(changeId));
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    if (left.length === 0) return done;
    onRetry();
    await sleep(20);
  }
}

export interface PageOfFeed {
  readonly memories: readonly { readonly id: string; readonly title: string; readonly syncVersion: number }[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
  readonly fullResyncRequired: boolean;
}

const PAGE = `query Page($cursor: String, $batchSize: Int) {
  enhancedSync(lastSyncedAt: "0001-01-01T00:00:00.000Z", cursor: $cursor, batchSize: $batchSize) {
    memories { id title syncVersion } nextCursor hasMore fullResyncRequired } }`;

export async function readPage(
  connection: Connection,
  cursor: string | null,
  batchSize: number,
): Promise<PageOfFeed> {
  for (;;) {
    try {
      const answer = await connection.ask(PAGE, { cursor, batchSize });
      if (answer.errors.length > 0) throw new CallFailed(answer);
      return answer.data.enhancedSync as PageOfFeed;
    } catch (error) {
      if (!mayPass(error)) throw error;
      await sleep(20);
    }
  }
}
