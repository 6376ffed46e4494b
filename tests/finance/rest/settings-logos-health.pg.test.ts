/** Settings, logos and health, a test per row of the contract; with tokens and in the open mode. */
import { randomBytes, randomUUID } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { LIMITS } from '@ackord/core';
import { Jimp } from 'jimp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountOf, form, type Ground, type Person, startRest, tenantOf } from './ground.ts';

let closed: Ground;
let open: Ground;
beforeAll(async () => {
  closed = await startRest(false);
  open = await startRest(true);
});
afterAll(async () => {
  await closed?.close();
  await open?.close();
});

const DAY_MS = 86_400_000;
const isoAt = (time: number): string => new Date(time).toISOString();

describe('GET and PUT /api/v1/user/settings/{user_id}', () => {
  const pathOf = ({ id }: { id: string }) => `/api/v1/user/settings/${id}`;

  test('the first GET makes the defaults, the second gives the same', async () => {
    const ada = await closed.person();
    const first = await ada.send('GET', pathOf(ada));
    expect(first).toMatchObject({
      status: 200,
      body: {
        id: ada.id,
        user_id: ada.id,
        log_level: 'INFO',
        log_categories: [],
        history_retention_days: 60,
      },
    });
    expect((await ada.send('GET', pathOf(ada))).body).toEqual(first.body);
  });

  test('the later edit stands; an older or equal one changes nothing', async () => {
    const ada = await closed.person();
    const put = (log_level: string, time: number) =>
      ada.send('PUT', pathOf(ada), {
        log_level,
        log_categories: ['sync', 'ui'],
        history_retention_days: 7,
        updated_at: isoAt(time),
      });
    const now = Date.now();
    // Older than the defaults, which nobody has chosen.
    const first = await put('WARN', now - DAY_MS);
    const chosen = { log_level: 'WARN', log_categories: ['sync', 'ui'], history_retention_days: 7 };
    expect(first).toMatchObject({ status: 200, body: { ...chosen, updated_at: isoAt(now - DAY_MS) } });
    expect((await put('ERROR', now - DAY_MS)).body).toEqual(first.body);
    expect((await put('ERROR', now - 2 * DAY_MS)).body).toEqual(first.body);
    expect((await put('DEBUG', now)).body).toMatchObject({ log_level: 'DEBUG', updated_at: isoAt(now) });
    expect((await ada.send('GET', pathOf(ada))).body.log_level).toBe('DEBUG');
  });

  test('a time from next year shuts nobody out', async () => {
    const ada = await closed.person();
    await ada.send('PUT', pathOf(ada), { log_level: 'WARN', updated_at: isoAt(Date.now() + 365 * DAY_MS) });
    closed.clock.ahead = LIMITS.clockSkewMsMax + 60_000;
    const later = isoAt(Date.now() + closed.clock.ahead);
    const answer = await ada.send('PUT', pathOf(ada), { log_level: 'ERROR', updated_at: later });
    closed.clock.ahead = 0;
    expect(answer.body.log_level).toBe('ERROR');
  });

  test('POST reset goes back to the defaults, POST sync answers what stands', async () => {
    const ada = await closed.person();
    const now = Date.now();
    const edit = { log_level: 'ERROR', history_retention_days: 1, updated_at: isoAt(now) };
    expect((await ada.send('POST', `${pathOf(ada)}/sync`, edit)).body).toMatchObject({ log_level: 'ERROR' });
    const json = { 'content-type': 'application/json' };
    const reset = await ada.send('POST', `${pathOf(ada)}/reset`, undefined, json);
    expect(reset).toMatchObject({ status: 200, body: { log_level: 'INFO', history_retention_days: 60 } });
    expect(Date.parse(reset.body.updated_at)).toBeGreaterThan(now);
    expect((await ada.send('POST', `${pathOf(ada)}/sync`, edit)).body).toEqual(reset.body);
    expect((await ada.send('POST', `${pathOf(ada)}/sync`, {})).body).toEqual(reset.body);
  });

  test('another user’s: 403; nobody’s token: 401; the open mode believes', async () => {
    const [ada, eve] = [await closed.person(), await closed.person()];
    for (const [method, end] of [
      ['GET', ''],
      ['PUT', ''],
      ['POST', '/reset'],
      ['POST', '/sync'],
    ] as const) {
      const body = method === 'GET' ? undefined : {};
      expect((await eve.send(method, pathOf(ada) + end, body)).status).toBe(403);
      expect((await closed.send(method, pathOf(ada) + end, body)).status).toBe(401);
    }
    const user = await open.person();
    expect((await open.send('GET', pathOf(user))).body.user_id).toBe(user.id);
  });

  test.each([
    ['log_level', 'LOUD'],
    ['log_categories', 'sync'],
    ['history_retention_days', 1.5],
    ['updated_at', 'yesterday'],
  ])('422 for %s = %j', async (field, value) => {
    const ada = await closed.person();
    const answer = await ada.send('PUT', pathOf(ada), { [field]: value });
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', field]]);
  });
});

describe('/api/v1/logos', () => {
  const picture = async (width: number, height: number, type: 'image/png' | 'image/jpeg') =>
    new Jimp({ width, height, color: 0x336699ff }).getBuffer(type);

  const upload = (
    ground: Pick<Ground, 'send'>,
    tenant: string,
    bytes: Buffer,
    more: Record<string, string> = {},
  ) => {
    const fields = { entity_id: 'a1', entity_type: 'account', tenant_id: tenant, ...more };
    const sent = form(fields, { name: 'file', fileName: '../../evil.svg', bytes });
    return ground.send('POST', '/api/v1/logos/upload', sent.body, { ...sent.headers, 'x-tenant-id': tenant });
  };

  test.each([
    ['image/png', 400, 200, [128, 64]],
    ['image/jpeg', 300, 600, [64, 128]],
    ['image/png', 20, 10, [20, 10]],
  ] as const)('%s of %i × %i becomes a PNG that fits', async (type, width, height, size) => {
    const ada = await closed.person();
    const tenant = await tenantOf(ada);
    const stored = await upload(ada, tenant, await picture(width, height, type));
    expect(stored.status).toBe(201);
    expect(stored.body.logo_path).toMatch(new RegExp(`^${tenant}/[0-9a-f-]{36}\\.png$`));
    const read = await ada.send('GET', `/api/v1/logos/${stored.body.logo_path}`);
    expect([read.status, read.headers['content-type']]).toEqual([200, 'image/png']);
    const logo = await Jimp.fromBuffer(read.bytes);
    expect([logo.width, logo.height]).toEqual(size);
  });

  test('DELETE: 409 while a record uses it, 204 when none does, then 404', async () => {
    const ada = await closed.person();
    const tenant = await tenantOf(ada);
    const { logo_path } = (await upload(ada, tenant, await picture(10, 10, 'image/png'))).body;
    const change = (operation: string, fields: object) =>
      closed.engine.submit({
        domain: 'finance',
        actor: { userId: ada.id },
        device: null,
        batchId: randomUUID(),
        origin: 'server',
        tenant,
        changes: [{ ...accountOf('a1'), operation, fields: { ...fields } }],
      });
    await change('CREATE', { ...accountOf('a1').fields, logoPath: logo_path });
    const remove = () =>
      ada.send('DELETE', `/api/v1/logos/${logo_path}`, undefined, { 'x-tenant-id': tenant });
    expect(await remove()).toMatchObject({
      status: 409,
      body: { code: 'IN_USE', detail: expect.any(String) },
    });
    expect((await ada.send('GET', `/api/v1/logos/${logo_path}`)).status).toBe(200);
    await change('UPDATE', { logoPath: null });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect((await ada.send('GET', `/api/v1/logos/${logo_path}`)).status).toBe(404);
  });

  test('goes with its tenant', async () => {
    const ada = await closed.person();
    const tenant = await tenantOf(ada);
    const { logo_path } = (await upload(ada, tenant, await picture(10, 10, 'image/png'))).body;
    await closed.engine.submit({
      domain: 'finance',
      actor: { userId: ada.id },
      device: null,
      batchId: randomUUID(),
      origin: 'server',
      tenant,
      changes: [accountOf('a1', { logoPath: logo_path })],
    });
    const file = logo_path.split('/')[1].replace('.png', '');
    const key = `logos/${file}_${tenant}.png`;
    expect(await closed.tools.fileStore.stat(key)).not.toBeNull();
    await ada.send('DELETE', `/tenants/${tenant}`);
    expect(await closed.tools.fileStore.stat(key)).toBeNull();
  });

  test('strangers neither store, read nor remove; viewers only read', async () => {
    const [ada, bob, eve] = [await closed.person(), await closed.person(), await closed.person()];
    const tenant = await tenantOf(ada);
    const actor = { userId: ada.id };
    await closed.engine.setMember({ actor, scope: `tenant:${tenant}`, userId: bob.id, role: 'VIEWER' });
    const bytes = await picture(10, 10, 'image/png');
    const { logo_path } = (await upload(ada, tenant, bytes)).body;
    const statuses = async (person: Person) => [
      (await upload(person, tenant, bytes)).status,
      (await person.send('GET', `/api/v1/logos/${logo_path}`)).status,
      (await person.send('DELETE', `/api/v1/logos/${logo_path}`)).status,
    ];
    expect(await statuses(eve)).toEqual([404, 404, 404]);
    expect(await statuses(bob)).toEqual([403, 200, 403]);
    expect((await closed.send('GET', `/api/v1/logos/${logo_path}`)).status).toBe(401);
    // Not by way of a tenant of one's own either.
    const own = await tenantOf(eve);
    expect((await eve.send('GET', `/api/v1/logos/${own}/${logo_path.split('/')[1]}`)).status).toBe(404);
  });

  test('in the open mode everybody, with pictures larger than a nobody may send elsewhere', async () => {
    const noise = new Jimp({ width: 400, height: 400 });
    noise.bitmap.data = randomBytes(noise.bitmap.data.length);
    const bytes = await noise.getBuffer('image/png');
    expect(bytes.length).toBeGreaterThan(LIMITS.anonymousBodyBytesMax);
    const stored = await upload(open, 'home', bytes);
    expect(stored.status).toBe(201);
    expect((await open.send('GET', `/api/v1/logos/${stored.body.logo_path}`)).status).toBe(200);
    expect((await closed.send('GET', `/api/v1/logos/${stored.body.logo_path}`)).status).toBe(401);
  });

  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    return Buffer.concat([head, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  /** Interlaced, so that a decoder would take as much as there is. */
  const pngOf = (width: number, height: number, pixels: Buffer): Buffer => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 6, 0, 0, 1], 8);
    const signature = Buffer.from('89504e470d0a1a0a', 'hex');
    const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
    return Buffer.concat([signature, ...parts]);
  };

  test.each([
    ['a picture of 60,000 × 60,000', () => pngOf(60_000, 60_000, Buffer.alloc(10)), 413, 'TOO_LARGE'],
    [
      'a tiny one that unpacks to 64 MB',
      () => pngOf(4, 4, Buffer.alloc(64 * 1024 * 1024)),
      422,
      'BAD_USER_INPUT',
    ],
    [
      'a page that calls itself a picture',
      () => Buffer.from('<svg onload="alert(1)"/>'),
      415,
      'BAD_USER_INPUT',
    ],
    ['nothing', () => Buffer.alloc(0), 415, 'BAD_USER_INPUT'],
    ['half a picture', () => pngOf(100, 100, Buffer.alloc(10)).subarray(0, 60), 422, 'BAD_USER_INPUT'],
    ['more bytes than a logo may have', () => Buffer.alloc(LIMITS.logoBytesMax + 1), 413, 'TOO_LARGE'],
    ['far more bytes', () => Buffer.alloc(LIMITS.logoBytesMax + 200_000), 413, 'TOO_LARGE'],
  ])('%s is refused before it is decoded', async (_what, make, status, code) => {
    const ada = await closed.person();
    const answer = await upload(ada, await tenantOf(ada), make());
    expect(answer).toMatchObject({ status, body: { code, detail: expect.any(String) } });
  });

  test('422 names what a form lacks', async () => {
    const ada = await closed.person();
    const sent = form({ entity_id: 'a1', entity_type: 'spaceship' });
    const answer = await ada.send('POST', '/api/v1/logos/upload', sent.body, sent.headers);
    expect(answer.status).toBe(422);
    expect(answer.body.detail.map(({ loc }: { loc: string[] }) => loc[1])).toEqual([
      'entity_type',
      'tenant_id',
      'file',
    ]);
    expect((await ada.send('POST', '/api/v1/logos/upload', { file: 'x' })).status).toBe(422);
  });

  test.each(['..%2f..%2fetc', 'x.png', '%00.png'])('no file is called %s', async (name) => {
    const ada = await closed.person();
    const answer = await ada.send('GET', `/api/v1/logos/${await tenantOf(ada)}/${name}`);
    expect([404, 422]).toContain(answer.status);
  });
});

describe('health', () => {
  test.each(['/ping', '/health', '/api/v1/websocket/health'])('GET %s answers everybody', async (path) => {
    const answer = await closed.send('GET', path);
    expect(answer.status).toBe(200);
    expect(answer.body).toBeTypeOf('object');
  });

  test('the one of the sockets counts them', async () => {
    expect((await closed.send('GET', '/api/v1/websocket/health')).body).toMatchObject({
      overall_health: 'healthy',
      connection_stats: {
        total_connections: 3,
        healthy_connections: 2,
        tenant_count: 1,
        heartbeat_active: true,
      },
      heartbeat_status: 'active',
    });
  });
});
