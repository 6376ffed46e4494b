/**
 * Two servers, many connections, all writing to the same scopes in transactions that stay open for a while, and readers
 * that page in between. Gives what went wrong, and figures.
 */
import { randomInt } from 'node:crypto';
import type { TestDatabase } from '../../support/postgres.ts';
import { type Connection, connect } from './connection.ts';
import { faultsOf } from './database-checks.ts';
import { atEnd, type Environment, type ServerProcess, startSlowServer } from './process.ts';
import { memoryRow, readPage, sendAll, signUp, tripRow } from './travel-client.ts';

export interface LateCommitSettings {
  readonly database: TestDatabase;
  readonly commits: number;
  readonly holdMsMax: number;
  readonly writers: number;
  readonly readers: number;
  readonly scopes: number;
  readonly environment?: Environment;
}

export interface LateCommitRun {
  /** Records that a reader has never seen, or not only once. */
  readonly unseen: number;
  readonly seenAgain: number;
  /** Times that a reader was told to begin anew. */
  readonly resyncs: number;
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

export interface Pair {
  readonly servers: readonly ServerProcess[];
  readonly token: string;
  commits(): number;
}

/** Two slow servers on one database, and a user. */
export async function startPair(database: TestDatabase, environment: Environment): Promise<Pair> {
  const urls = { OWNER_URL: database.ownerUrl, APP_URL: database.appUrl };
  const servers = await Promise.all([1, 2].map(() => startSlowServer({ ...urls, ...environment })));
  let commits = 0;
  for (const { child } of servers) child.on('message', () => commits++);
  const token = await signUp(servers[0]?.url ?? '');
  return { servers, token, commits: () => commits };
}

/** Connections to the servers in turn: of as many devices, or all of one. */
export function connectionsTo({ servers, token }: Pair, count: number, device?: string): Connection[] {
  const connections = Array.from({ length: count }, (_, at) =>
    connect(servers[at % servers.length]?.url ?? '', token, device),
  );
  atEnd(async () => {
    for (const connection of connections) connection.close();
  });
  return connections;
}

export async function runLateCommit(settings: LateCommitSettings): Promise<LateCommitRun> {
  const { database, holdMsMax, environment = {} } = settings;
  const pair = await startPair(database, { HOLD_MS_MAX: String(holdMsMax), ...environment });
  const writers = connectionsTo(pair, settings.writers);
  const trips = Array.from({ length: settings.scopes }, () => tripRow());
  await sendAll({ connection: () => writers[0]! }, 'trips', trips);

  const started = performance.now();
  const before = pair.commits();
  const written: string[] = [];
  const figures = { retries: 0, pages: 0 };
  let writing = true;
  const write = async (connection: Connection): Promise<void> => {
    const patience = { connection: () => connection, onRetry: () => figures.retries++ };
    while (pair.commits() - before < settings.commits) {
      const memory = memoryRow(trips[randomInt(trips.length)]!.id);
      await sendAll(patience, 'memories', [memory]);
      written.push(memory.id);
    }
  };
  const read = async (): Promise<Reader> => {
    const reader: Reader = { sightings: new Map(), resyncs: 0 };
    const connections = connectionsTo(pair, 2);
    let cursor: string | null = null;
    for (;;) {
      const isLast = !writing;
      const page = await readPage(connections[randomInt(2)]!, cursor, randomInt(5, 60));
      figures.pages++;
      cursor = page.nextCursor;
      if (page.fullResyncRequired) reader.resyncs++;
      for (const { id } of page.memories) reader.sightings.set(id, (reader.sightings.get(id) ?? 0) + 1);
      if (isLast && !page.hasMore) return reader;
    }
  };
  const reading = Array.from({ length: settings.readers }, read);
  await Promise.all(writers.map(write)).finally(() => {
    writing = false;
  });
  const readers = await Promise.all(reading);
  const seconds = (performance.now() - started) / 1_000;

  const defects = pair.servers.flatMap(({ log }) => log);
  const strangers = readers.flatMap(({ sightings }) => [...sightings.keys()]).filter(isNotIn(written));
  return {
    unseen: sum(readers, ({ sightings }) => written.filter((id) => !sightings.has(id)).length),
    seenAgain: sum(readers, ({ sightings }) => [...sightings.values()].filter((times) => times > 1).length),
    resyncs: sum(readers, ({ resyncs }) => resyncs),
    faults: [
      ...defects,
      ...strangers.map((id) => `a reader saw ${id}, which nobody was told of`),
      ...(await faultsOf(database.ownerUrl)),
    ],
    figures: {
      connections: writers.length + 2 * readers.length,
      commits: pair.commits() - before,
      records: written.length,
      ...figures,
      seconds: Math.round(seconds),
    },
  };
}

interface Reader {
  readonly sightings: Map<string, number>;
  resyncs: number;
}

const sum = <T>(list: readonly T[], of: (item: T) => number): number =>
  list.reduce((total, item) => total + of(item), 0);

function isNotIn(list: readonly string[]): (id: string) => boolean {
  const known = new Set(list);
  return (id) => !known.has(id);
}
