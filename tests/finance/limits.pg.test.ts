/** Where patience ends: too much for too long, too many sockets, and the end of the server. Limits are lowered for it. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FinanceGround, startFinance } from './ground.ts';
import { change } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
const usual = { ...LIMITS };
beforeAll(async () => {
  ground = await startFinance();
});
afterEach(() => {
  Object.assign(LIMITS, usual);
});
afterAll(() => ground?.close());

test('a socket that floods without end is slowed down, then closed with 4429; others are served', async () => {
  Object.assign(LIMITS, { socketMessageBurstMax: 100, socketThrottledMsMax: 200 });
  const tenant = randomUUID();
  const [flood, other] = [await ground.app(tenant), await ground.app(tenant)];
  let isOver = false;
  const end = flood.closed.then((how) => {
    isOver = true;
    return how;
  });
  while (!isOver) {
    for (let at = 0; at < 50; at++) flood.send('garbage');
    expect(await change(other, 'Tag', 'create', fresh('Tag'))).toMatchObject({ type: 'sync_ack' });
  }
  expect(await end).toEqual({ code: 4429, reason: 'too much, for too long' });
});

test('more sockets in a tenant than it may have: closed with 4408, and let in when one has left', async () => {
  Object.assign(LIMITS, { socketsPerTenantMax: 2 });
  const tenant = randomUUID();
  const [one] = [await ground.app(tenant), await ground.app(tenant)];
  expect((await ground.knock(`/ws/${tenant}`).closed).code).toBe(4408);
  await ground.app(randomUUID());
  await one.close();
  await expect
    .poll(async () => {
      const app = ground.knock(`/ws/${tenant}`);
      return Promise.race([app.next(() => true), app.closed]);
    })
    .toMatchObject({ type: 'status' });
});

test('a token that never comes: closed with 4401', async () => {
  const closed = await startFinance({ FINANCE_OPEN_ACCESS: 'off' });
  try {
    Object.assign(LIMITS, { socketCredentialsMsMax: 100 });
    const app = closed.knock(`/ws/${randomUUID()}`);
    expect(await app.closed).toEqual({ code: 4401, reason: 'no token came' });
  } finally {
    await closed.close();
  }
});

test('the server stops: every socket closes with 1001', async () => {
  const ending = await startFinance();
  const apps = await Promise.all(Array.from({ length: 4 }, () => ending.app(randomUUID())));
  await Promise.all([
    ending.server.close(),
    ...apps.map(async (app) => expect(await app.closed).toMatchObject({ code: 1001 })),
  ]);
  await ending.close();
});
