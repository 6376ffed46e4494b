/**
 * A tenant goes back to a checkpoint while its apps are connected: over REST and real sockets, with the receiving rules of
 * the app in the field. All of them end with what the tenant was.
 */
import { TYPE_NAMES, type TypeName } from '@ackord/finance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalStore } from './apps/local-store.ts';
import { type App, entryOf, type FinanceGround, type Loose, startFinance } from './ground.ts';
import { caughtUp, two } from './talk.ts';
import { fresh } from './whole-entities.ts';

let ground: FinanceGround;
beforeAll(async () => {
  ground = await startFinance();
});
afterAll(() => ground.close());

/** What an app shows after all that it has received. */
function shownBy(app: App): Record<string, Loose[]> {
  const store = new LocalStore({ nowIso: () => '', onShown: () => {}, isDeleteQueued: () => false });
  for (const message of app.received) {
    if (message.event_type === 'initial_data_load') store.takeLoad(message.payload);
    if (message.event_type === 'data_update')
      store.takeUpdate(message.entity_type, message.operation_type, message.data.single_entity);
  }
  const timeless = ({ updated_at, updatedAt, ...rest }: Loose): Loose => rest;
  return Object.fromEntries(
    TYPE_NAMES.map((type) => [
      type,
      store
        .all(type)
        .filter(({ name }) => name !== 'mark')
        .map(timeless)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ]),
  );
}

async function rest(path: string, method = 'GET'): Promise<Loose> {
  const response = await fetch(`${ground.url}/api/v1/sync${path}`, { method });
  expect(response.ok).toBe(true);
  return response.json();
}

test('connected apps end with what the tenant was', async () => {
  const { tenant, a, b } = await two(ground);
  for (const app of [a, b]) {
    app.send({ type: 'request_initial_data', tenant_id: tenant });
    await app.next(({ event_type }) => event_type === 'initial_data_load');
  }
  const entities = TYPE_NAMES.flatMap((type) =>
    [1, 2, 3].map((at) => ({ type, entity: fresh(type, { note: `${at}` }) })),
  );
  const send = (app: App, type: TypeName, operation: string, entity: Loose) =>
    app.entry(entryOf(tenant, type, operation, entity));
  await Promise.all(entities.map(({ type, entity }) => send(a, type, 'create', entity)));
  await caughtUp(a, a, b);
  const checkpoint = await rest(`/checkpoints/${tenant}`, 'POST');
  // The senders' own entities come back to them with the initial load only.
  const observer = await ground.app(tenant);
  observer.send({ type: 'request_initial_data', tenant_id: tenant });
  await observer.next(({ event_type }) => event_type === 'initial_data_load');
  const before = shownBy(observer);

  const edits = entities.map(({ type, entity }, at) => {
    const app = at % 2 ? a : b;
    switch (at % 3) {
      case 0:
        return send(app, type, 'delete', entity);
      case 1:
        return send(app, type, 'update', {
          ...entity,
          name: 'Changed',
          payee: 'Changed',
          updated_at: new Date().toISOString(),
        });
      default:
        return send(app, type, 'create', fresh(type));
    }
  });
  expect((await Promise.all(edits)).map(({ type }) => type)).toEqual(edits.map(() => 'sync_ack'));
  await caughtUp(a, observer);
  expect(shownBy(observer)).not.toEqual(before);

  const restored = await rest(`/checkpoints/${tenant}/${checkpoint.id}/restore`, 'POST');
  // The mark is younger than the checkpoint.
  expect(restored).toMatchObject({ verified: true, deleted: 10, revived: 9, updated: 9 });
  await caughtUp(a, observer, a, b);
  expect(shownBy(observer)).toEqual(before);
  // Whoever connects now is told the same.
  const late = await ground.app(tenant);
  late.send({ type: 'request_initial_data', tenant_id: tenant });
  await late.next(({ event_type }) => event_type === 'initial_data_load');
  expect(shownBy(late)).toEqual(before);
});
