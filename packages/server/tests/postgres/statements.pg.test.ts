/**
 * The hot statements on tables that are split by hash, as they would be over several machines: whatever one scope (or
 * one user) asks for touches one part of each table, by an index, as the application's role. Also: every statement has a name of its own.
 */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import { type Actor, createEngine, type Engine, type RawChange } from '../../src/index.ts';
import type { SqlValue } from '../../src/store/connection.ts';
import type { Statement } from '../../src/store/statement.ts';
import { readOpenConflicts } from '../../src/store/statements/conflict/read-open-conflicts.ts';
import { readDigests } from '../../src/store/statements/digest/read-digests.ts';
import { readLocations } from '../../src/store/statements/location/read-locations.ts';
import { readPlaces } from '../../src/store/statements/location/read-places.ts';
import { readMembers } from '../../src/store/statements/member/read-members.ts';
import { readMembershipsIn } from '../../src/store/statements/member/read-memberships-in.ts';
import { readReceipts } from '../../src/store/statements/receipt/read-receipts.ts';
import { lockScopes, tryLockScopes } from '../../src/store/statements/scope/lock-scopes.ts';
import { readHeads } from '../../src/store/statements/scope/read-heads.ts';
import { readActorsWaiting } from '../../src/store/statements/waiting/read-actors-waiting.ts';
import { readWaitingByParent } from '../../src/store/statements/waiting/read-waiting-by-parent.ts';
import { BOOK } from '../store/shelf.ts';
import { storeTestRegistry } from '../store-conformance.ts';
import { HOT } from './hot-statements.ts';
import { SHARD_KEYS, splitDatabase } from './split-tables.ts';
import { freshDatabase, openOn, withSession } from './support.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await splitDatabase();
});
afterAll(() => database.drop());

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** Scans that really ran, by table. */
function scansOf(
  node: PlanNode,
  found: { how: string; part: string }[] = [],
): { how: string; part: string }[] {
  const part = node['Relation Name'];
  if (part !== undefined && node['Node Type'].includes('Scan') && node['Actual Loops'] > 0) {
    found.push({ how: node['Node Type'], part });
  }
  for (const child of node.Plans ?? []) scansOf(child, found);
  return found;
}

const explain = (statement: Statement, values: readonly SqlValue[]): Promise<PlanNode> =>
  explained(
    ['SET plan_cache_mode = force_custom_plan', `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`],
    values,
  );

/** The plan that the last command tells, in a session like the application's. */
async function explained(commands: readonly string[], values: readonly SqlValue[] = []): Promise<PlanNode> {
  return withSession(database.ownerUrl, async (session) => {
    for (const setting of ['search_path = ackord', 'enable_bitmapscan = off', 'random_page_cost = 1.1']) {
      await session.rows(`SET ${setting}`);
    }
    await session.rows('SET ROLE ackord_app');
    await session.rows('BEGIN');
    await session.rows(`SELECT set_config('ackord.scopes', '{"library:7": 0}', true)`);
    for (const command of commands.slice(0, -1)) await session.rows(command);
    const [row] = await session.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(commands.at(-1) ?? '', values);
    await session.rows('ROLLBACK');
    if (!row) throw new Error('EXPLAIN gave no plan.');
    return row['QUERY PLAN'][0].Plan;
  });
}

/** By an index, too, though row-level security lets no operator but the safest look at a row before it does. */
function expectOnePart(scans: readonly { readonly how: string; readonly part: string }[]): void {
  expect(scans.length).toBeGreaterThan(0);
  const parts = new Map<string, Set<string>>();
  for (const { how, part } of scans) {
    expect(how, part).toMatch(/^Index/);
    const table = part.replace(/_\d$/, '');
    parts.set(table, (parts.get(table) ?? new Set()).add(part));
  }
  for (const [table, touched] of parts) {
    expect(Object.keys(SHARD_KEYS), table).toContain(table);
    expect([...touched], table).toHaveLength(1);
  }
}

describe('one part of each table, by an index', () => {
  test.each(HOT.map(([statement, values]) => [statement.name, statement, values] as const))(
    '%s',
    async (_, statement, values) => expectOnePart(scansOf(await explain(statement, values))),
  );
});

describe('one part of each table, by an index, also with a plan that is kept', () => {
  const lists = (...columns: string[]): string => columns.map((column) => `'{${column}}'::text[]`).join(', ');
  test.each([
    { statement: lockScopes, values: lists('library:7') },
    { statement: tryLockScopes, values: lists('library:7') },
    { statement: readHeads, values: lists('library:7') },
    { statement: readLocations, values: lists(BOOK, 'b7') },
    { statement: readReceipts, values: lists('u7', 'c7') },
    { statement: readMembers, values: lists('library:7', 'u7') },
    { statement: readDigests, values: lists('library:7') },
    { statement: readPlaces, values: lists('u7', BOOK, 'b7') },
    { statement: readMembershipsIn, values: lists('u7', 'library:7') },
    { statement: readActorsWaiting, values: lists('u7') },
    { statement: readOpenConflicts, values: lists('library:7', BOOK, 'b7') },
  ])('$statement.name', async ({ statement, values }) => {
    const types = values.split(', ').map(() => 'text[]');
    const plan = await explained([
      'SET plan_cache_mode = force_generic_plan',
      `PREPARE kept (${types.join(', ')}) AS ${statement.text}`,
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE kept (${values})`,
    ]);
    expectOnePart(scansOf(plan));
  });
});

describe('a plan that was made while its table was empty is kept, and looks for all that it knows', () => {
  let empty: TestDatabase;
  beforeAll(async () => {
    empty = await freshDatabase();
    await (await openOn(empty)).close();
  });
  afterAll(() => empty.drop());
  test.each([
    { statement: lockScopes, types: 'text[]', index: 'scope_pkey', columns: ['id'] },
    { statement: tryLockScopes, types: 'text[]', index: 'scope_pkey', columns: ['id'] },
    { statement: readHeads, types: 'text[]', index: 'scope_pkey', columns: ['id'] },
    { statement: readLocations, types: 'text[], text[]', index: 'location_pkey', columns: ['id', 'type'] },
    {
      statement: readReceipts,
      types: 'text[], text[]',
      index: 'receipt_pkey',
      columns: ['actor_id', 'change_id'],
    },
    { statement: readActorsWaiting, types: 'text[]', index: 'waiting_change', columns: ['actor_id'] },
    {
      statement: readWaitingByParent,
      types: 'text[], text[]',
      index: 'waiting_change_parent',
      columns: ['parent_type', 'parent_id'],
    },
    {
      statement: readOpenConflicts,
      types: 'text[], text[], text[]',
      index: 'sync_conflict_open',
      columns: ['scope_id', 'type', 'entity_id'],
    },
  ])('$statement.name', async ({ statement, types, index, columns }) => {
    const [line] = await withSession(empty.ownerUrl, async (session) => {
      await session.rows('SET search_path = ackord');
      await session.rows('SET ROLE ackord_app');
      await session.rows('SET plan_cache_mode = force_generic_plan');
      await session.rows(`PREPARE kept (${types}) AS ${statement.text}`);
      const values = types.split(', ').map(() => `'{x}'`);
      return session.rows<{ 'QUERY PLAN': object }>(
        `EXPLAIN (FORMAT JSON) EXECUTE kept (${values.join(', ')})`,
      );
    });
    const plan = JSON.stringify(line);
    expect(plan).toContain(`"Index Name":"${index}`);
    const condition = /"Index Cond":"([^"]*)"/.exec(plan)?.[1];
    for (const column of columns) expect(condition).toMatch(new RegExp(`\\b${column} = `));
    expect(plan).not.toContain('Seq Scan');
  });
});

/** They write rows that name their shard key, each of which goes to its own part. */
const WRITES = /^(insert|upsert|save)-/;
/** No rows of tables that are split. */
const ELSEWHERE = /^(name-scopes|read-clock)$/;
/^(name-scopes|read-clock|current-user|read-current-user|read-life|(find|read|claim|has|can)-.*)$/;
/** What waits is filed under who waits, and looked for by what it waits for: that asks all parts. */
const ALL_PARTS = ['read-waiting-by-parent', 'delete-waiting', 'read-awaited-parents'];

test('a server works on such tables, and asks nothing else for pushes, pages and live sessions', async () => {
  const opened = await openOn(database);
  const names = await namesAsked(async () => {
    const engine = createEngine({ registry: storeTestRegistry, store: opened.store });
    try {
      await pushPullAndFollow(engine);
    } finally {
      await engine.stop();
    }
  }).finally(opened.close);
  const known = new Set([...HOT.map(([statement]) => statement.name), ...ALL_PARTS]);
  const asked = [...names].filter((name) => !WRITES.test(name));
  expect(asked).toContain('read-lines');
  expect(asked).toContain('read-feed');
  expect(asked.filter((name) => !known.has(name) && !ELSEWHERE.test(name))).toEqual([]);
});

interface Wire {
  parse(query: { readonly name: string }, more: boolean): void;
}

/** Names of the statements that this process prepares meanwhile, on connections that are opened meanwhile. */
async function namesAsked(work: () => Promise<void>): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const wire = pg.Connection.prototype as unknown as Wire;
  const { parse } = wire;
  wire.parse = function (this: Wire, query, more) {
    if (query.name !== '') names.add(query.name);
    parse.call(this, query, more);
  };
  try {
    await work();
  } finally {
    wire.parse = parse;
  }
  return names;
}

/** What devices do: create, edit, delete, send twice, meet each other's edits, wait, share, load, follow. */
async function pushPullAndFollow(engine: Engine): Promise<void> {
  const { name: domain } = storeTestRegistry.domains[0]!;
  const [ann, ben] = [{ userId: randomUUID() }, { userId: randomUUID() }];
  const [library, book, tag] = [randomUUID(), randomUUID(), randomUUID()];
  const scope = `library:${library}`;
  const change = (
    entityType: string,
    operation: 'CREATE' | 'UPDATE' | 'DELETE',
    id: string,
    base: number,
    fields: object,
  ) => ({
    entityType,
    operation,
    id,
    base,
    fields: { ...fields },
    changeId: randomUUID(),
  });
  const send = async (actor: Actor, ...changes: RawChange[]) => {
    const batchId = randomUUID();
    const { receipts } = await engine.submit({
      domain,
      actor,
      device: 'phone',
      batchId,
      origin: 'client',
      changes,
    });
    return receipts.map(({ status }) => status);
  };
  const page = {
    actor: ben,
    domain,
    device: null,
    since: 0,
    types: null,
    priority: null,
    limit: 100,
  } as const;
  const live = { seen: {} };

  const early = change('Book', 'CREATE', book, 0, { libraryId: library, title: 'Early' });
  expect(await send(ann, early)).toEqual(['conflict']);
  expect(await send(ann, change('Library', 'CREATE', library, 0, { name: 'At home' }))).toEqual(['applied']);
  await expect.poll(async () => (await engine.scopeDigests(ann, [scope]))[0]?.head).toBeGreaterThan(2);
  await engine.setMember({ actor: ann, scope, userId: ben.userId, role: 'EDITOR' });
  const news: unknown[] = [];
  const following = await engine.follow(scope, domain, (told) => void news.push(told));
  const first = await engine.pull({ ...page, cursor: null, live });
  if (!first.ok) throw new Error(first.message);
  expect(first.page.records).toHaveLength(2);
  const edits = [
    change('Book', 'UPDATE', book, 1, { title: 'Mine' }),
    change('Tag', 'CREATE', tag, 0, { libraryId: library, name: 'red' }),
  ];
  expect(await send(ann, ...edits)).toEqual(['applied', 'applied']);
  expect(await send(ann, ...edits)).toEqual(['applied', 'applied']);
  expect(await send(ben, change('Book', 'UPDATE', book, 1, { title: 'Yours' }))).toEqual(['conflict']);
  expect(
    await send(ben, change('Tag', 'CREATE', randomUUID(), 0, { libraryId: library, name: 'red' })),
  ).toHaveLength(1);
  expect(await send(ben, change('Page', 'CREATE', randomUUID(), 0, { bookId: book, text: '' }))).toEqual([
    'applied',
  ]);
  expect(await engine.conflicts({ actor: ann, domain, type: null, limit: 10 })).toHaveLength(1);
  expect(await send(ann, change('Book', 'DELETE', book, 3, {}))).toHaveLength(1);
  await engine.digests(ben);
  const next = await engine.pull({ ...page, cursor: first.page.cursor, live });
  expect(next.ok).toBe(true);
  // Without a bus it looks at the heads, and reads the lines.
  await expect.poll(() => news.length, { timeout: 10_000 }).toBeGreaterThan(0);
  following.stop();
}

test('every statement has a name of its own', async () => {
  const folder = new URL('../../src/store/statements/', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const names: string[] = [];
  for (const file of files) {
    const exported: Record<string, unknown> = await import(new URL(file, folder).href);
    for (const value of Object.values(exported)) if (isStatement(value)) names.push(value.name);
  }
  expect(names.length).toBeGreaterThan(30);
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  for (const name of names) expect(name).toMatch(/^[a-z][a-z-]{2,62}$/);
});

const isStatement = (value: unknown): value is Statement =>
  typeof value === 'object' && value !== null && 'name' in value && 'text' in value;
