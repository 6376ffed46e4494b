/** Whatever comes in: an answer that is JSON and has a code, and a server on which everybody else goes on. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type App, entryOf, type FinanceGround, type Loose, startFinance } from './ground.ts';
import { caughtUp, change, two } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
let bystander: App;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground?.close());

let tenant: string;
let app: App;
let other: App;
beforeEach(async () => {
  ({ tenant, a: app, b: other } = await two(ground));
  bystander = await ground.app(randomUUID());
});
afterEach(async () => {
  // Whatever was sent: these two are served as ever, and the log holds no defect.
  for (const one of [other, bystander])
    expect(await change(one, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
  expect(ground.log).toEqual([]);
});

async function answerTo(sent: Loose): Promise<Loose> {
  const from = app.received.length;
  app.send(sent);
  const answer = await app.next(({ type }) => type === 'error' || type?.startsWith('sync_'), from);
  await app.settled();
  expect(await change(app, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
  return answer;
}

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('frames that are no message', () => {
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['text', 'hello'],
    ['half an object', '{"type":"ping"'],
    ['an array', '[{"type":"ping"}]'],
    ['a number', '7'],
    ['a text as JSON', '"ping"'],
    ['true', 'true'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a type that is a number', '{"type":7}'],
    ['a type that is a list', '{"type":["ping"]}'],
    ['an unknown type', '{"type":"no_such_thing"}'],
    ['names that every object has', '{"type":"__proto__"}'],
    ['a function of every object', '{"type":"constructor"}'],
    ['a long type', `{"type":"${'x'.repeat(100_000)}"}`],
    ['a lone surrogate as type', '{"type":"\\ud800"}'],
    ['NaN', '{"type":"ping","timestamp":NaN}'],
    ['brackets, 100,000 deep', nested(100_000)],
    ['two objects', '{"type":"ping"}{"type":"ping"}'],
    ['a byte order mark', '\ufeff{"type":"ping"}'],
    ['a binary frame with a message in it', Buffer.from('{"type":"ping"}')],
    ['a binary frame of zeros', Buffer.alloc(1_000)],
    ['5 MB of nothing', ' '.repeat(5 * 1024 * 1024)],
  ])('%s: error MALFORMED', async (_name, sent) => {
    const answer = await answerTo(sent);
    expect(answer).toMatchObject({ type: 'error', code: 'MALFORMED', message: expect.any(String) });
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  });

  test('text that is no UTF-8: the socket ends with 1007, the others live', async () => {
    // Past the library's own check of what it sends: a masked text frame of one byte, 0xff.
    (app.socket as Loose)._socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]));
    expect((await app.closed).code).toBe(1007);
  });

  test('a frame of more than 16 MB: the socket ends with 1009, the others live', async () => {
    app.send(' '.repeat(16 * 1024 * 1024 + 1));
    expect((await app.closed).code).toBe(1009);
  });
});

describe('messages with members that are missing, or of another kind', () => {
  test.each<[string, Loose]>([
    ['process_sync_batch', {}],
    ['process_sync_batch', { id: 'x', entries: 7 }],
    ['request_initial_data', { tenant_id: 7 }],
    ['request_changes', { cursor: {} }],
    ['tenant_disconnect', { tenant_id: [] }],
    ['process_sync_queue', { tenant_id: 7 }],
    ['trigger_cyclic_sync', { tenant_id: {} }],
  ])('%s %j', async (type, members) => {
    expect(await answerTo({ type, ...members })).toMatchObject({
      type: 'error',
      code: 'MALFORMED',
      original_type: type,
    });
  });
});

describe('entries', () => {
  const KINDS = [undefined, null, 7, true, [], {}, '', 'x'.repeat(70_000)];

  test.each([undefined, null, 7, 'x', [], true])('payload %j: sync_nack', async (payload) => {
    expect(await answerTo({ type: 'process_sync_entry', payload })).toMatchObject({
      type: 'sync_nack',
      status: 'failed',
      reason: 'validation_error',
      code: 'INVALID',
    });
  });

  test.each(['id', 'tenantId', 'entityType', 'entityId', 'operationType', 'payload'])(
    '%s left out, or of another kind: sync_nack that names it',
    async (member) => {
      for (const value of KINDS) {
        const entry = { ...entryOf(tenant, 'Tag', 'create', fresh('Tag')), [member]: value };
        const answer = await answerTo({ type: 'process_sync_entry', payload: entry });
        const label = `${member} ${JSON.stringify(value)?.slice(0, 20)}`;
        expect(answer, label).toMatchObject({ type: 'sync_nack', status: 'failed', is_permanent: true });
        expect(['validation_error', 'permission_error'], label).toContain(answer.reason);
        if (member !== 'id') expect(answer.id, label).toBe(entry.id);
        expect(JSON.stringify(answer).length, label).toBeLessThan(2_000);
      }
    },
  );

  test.each(['timestamp', 'lastAttempt', 'attempts'])(
    '%s of another kind: sync_nack; left out: fine',
    async (member) => {
      for (const [value, type] of [
        ['x', 'sync_nack'],
        [{}, 'sync_nack'],
        [null, 'sync_ack'],
        [undefined, 'sync_ack'],
        [-1e300, 'sync_ack'],
        [1e300, 'sync_ack'],
      ] as const) {
        const entry = { ...entryOf(tenant, 'Tag', 'create', fresh('Tag')), [member]: value };
        expect(
          await answerTo({ type: 'process_sync_entry', payload: entry }),
          `${member} ${value}`,
        ).toMatchObject({ type });
      }
    },
  );

  test.each(['status', 'error', 'originalCategory', 'constructor'])(
    '%s of any kind: tolerated',
    async (member) => {
      for (const value of KINDS) {
        const sent = fresh('Tag', member === 'status' ? {} : { [member]: value });
        expect(await change(app, 'Tag', 'create', sent, Date.now(), { [member]: value })).toMatchObject({
          type: 'sync_ack',
        });
      }
    },
  );

  test.each<[string, Loose]>([
    ['1 MB', 'x'.repeat(1024 * 1024)],
    ['a lone surrogate', 'a\ud800b'],
    ['NUL', 'a\u0000b'],
    ['a list', []],
  ])('a name that is %s: sync_nack', async (_name, name) => {
    for (const operation of ['create', 'update']) {
      const answer = await change(app, 'Tag', operation, fresh('Tag', { name }));
      expect(answer).toMatchObject({ type: 'sync_nack', reason: 'validation_error', is_permanent: true });
      expect(answer.detail).toContain('name');
    }
  });

  test.each<[string, Loose]>([
    ['deep nesting', JSON.parse(nested(500))],
    ['a megabyte', 'x'.repeat(1024 * 1024)],
    ['a lone surrogate', '\udfff'],
  ])(
    'the value of a condition that is %s: an answer, and nothing that breaks others',
    async (_name, value) => {
      const sent = fresh('AutomationRule', {
        conditions: [{ type: 'DATE_IS', operator: 'equals', value }],
        actions: [],
      });
      expect(await change(app, 'AutomationRule', 'create', sent)).toMatchObject({
        type: 'sync_nack',
        is_permanent: true,
      });
    },
  );

  test.each([
    ['name', 'sync_nack'],
    ['conditions', 'sync_nack'],
    ['actions', 'sync_nack'],
    ['a key that nobody knows', 'sync_ack'],
  ])('%s, 50,000 brackets deep: %s', async (member, type) => {
    const rule = fresh('AutomationRule', { [member]: 'DEEP' });
    const entry = entryOf(tenant, 'AutomationRule', 'create', rule);
    const condition = `[{"type":"x","operator":"x","value":${nested(50_000)}}]`;
    const deep = member === 'conditions' ? condition : nested(50_000);
    const text = JSON.stringify({ type: 'process_sync_entry', payload: entry }).replace('"DEEP"', deep);
    expect(await answerTo(text)).toMatchObject({ type, id: entry.id });
  });

  test('keys that reach for the prototype change nothing', async () => {
    const entry = entryOf(tenant, 'Tag', 'create', fresh('Tag'));
    const text = JSON.stringify({ type: 'process_sync_entry', payload: entry }).replace(
      '"name":',
      '"__proto__":{"polluted":true,"isAdmin":true},"constructor":{"prototype":{"polluted":true}},"name":',
    );
    expect(await answerTo(text)).toMatchObject({ type: 'sync_ack' });
    expect(({} as Loose).polluted).toBeUndefined();
    await caughtUp(app, other);
    const [told] = other.received.filter(({ data }) => data?.single_entity.id === entry.entityId);
    expect(Object.keys(told.data.single_entity)).toEqual([
      'id',
      'name',
      'parentTagId',
      'color',
      'icon',
      'updated_at',
    ]);
  });

  test.each([
    'a\u0000b',
    'a\ud800',
    '',
    'x'.repeat(65),
    '../../etc',
    'a/b',
    "'; DROP TABLE record;--",
    '%',
    '\\',
  ])('the id %j: an answer in either case, and no other record is touched', async (id) => {
    const answer = await change(app, 'Tag', 'create', fresh('Tag', { id }));
    expect(['sync_ack', 'sync_nack']).toContain(answer.type);
    if (answer.type === 'sync_nack') return expect(answer.is_permanent).toBe(true);
    expect(answer.entityId).toBe(id);
    await caughtUp(app, other);
    expect(other.received.filter(({ data }) => data?.single_entity.id === id)).toHaveLength(1);
  });
});

describe('much at once', () => {
  test('10,000 entries without a pause: each is answered, the socket lives on', async () => {
    const entries = Array.from({ length: 10_000 }, (_, at) =>
      entryOf(tenant, 'Tag', 'create', {
        ...fresh('Tag'),
        id: at % 10 === 0 ? `tag-${at}` : `tag-${at % 100}`,
      }),
    );
    for (const entry of entries) app.send({ type: 'process_sync_entry', payload: entry });
    // Others are served meanwhile.
    expect(await change(bystander, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
    await expect
      .poll(() => app.received.filter(({ type }) => type === 'sync_ack').length, { timeout: 30_000 })
      .toBe(10_000);
    const answered = new Set(app.received.map(({ id }) => id));
    expect(entries.every(({ id }) => answered.has(id))).toBe(true);
  });

  test('large messages count as many', async () => {
    const padding = randomBytes(3 * 1024 * 1024).toString('base64');
    const arrivals: number[] = [];
    app.socket.on('message', () => arrivals.push(performance.now()));
    for (let timestamp = 0; timestamp < 7; timestamp++) app.send({ type: 'ping', timestamp, padding });
    await app.next(({ type, timestamp }) => type === 'pong' && timestamp === 6);
    // Each of them takes a second of what a socket may send; five seconds of it were free.
    expect(arrivals.at(-1)! - arrivals[0]!).toBeGreaterThan(800);
  });

  test('a flood of garbage is read more and more slowly, and holds up nobody', async () => {
    const count = 400;
    // What can't be packed: else all of it is one small piece on the way.
    const padding = randomBytes(15_000).toString('base64');
    for (let at = 0; at < count; at++)
      app.send(at % 2 ? padding : `{"type":"no_such_thing","padding":"${padding}"}`);
    for (let at = 0; at < 20; at++)
      expect(await change(bystander, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
    const early = app.received.filter(({ type }) => type === 'error').length;
    expect(early).toBeLessThan(count);
    expect(app.socket.readyState).toBe(app.socket.OPEN);
    // Nobody waits for the rest.
    app.socket.terminate();
    for (const message of app.received.slice(1))
      expect(message).toMatchObject({ type: 'error', code: 'MALFORMED' });
  });
});
