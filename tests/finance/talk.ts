/** What the tests of finance sockets say to each other, and how they wait: for messages, never for a time. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type App, type AppOptions, entryOf, type FinanceGround, type Loose } from './ground.ts';
import { fresh } from './whole-entities.ts';

export const isUpdateOf =
  (id: string) =>
  (message: Loose): boolean =>
    message.event_type === 'data_update' && message.data?.single_entity.id === id;

export const updatesOf = (app: App, id: string): Loose[] => app.received.filter(isUpdateOf(id));

/** The entity as the newest update about it has it. */
export const lastOf = (app: App, id: string): Loose => updatesOf(app, id).at(-1)?.data.single_entity;

export interface Pair {
  readonly tenant: string;
  readonly a: App;
  readonly b: App;
}

/** Two apps in a tenant of their own. */
export async function two(ground: FinanceGround, b: AppOptions = {}): Promise<Pair> {
  const tenant = randomUUID();
  const [one, other] = await Promise.all([ground.app(tenant), ground.app(tenant, b)]);
  return { tenant, a: one, b: other };
}

/** All that was committed before has come to all of these: updates come in the order of commits, and this is the last. */
export async function caughtUp(from: App, ...apps: readonly App[]): Promise<void> {
  const mark = fresh('Tag', { name: 'mark' });
  await from.entry(entryOf(from.tenantId, 'Tag', 'create', mark));
  await Promise.all(apps.map((app) => app.next(isUpdateOf(mark.id))));
}

/**
 * What `work` makes the app be sent has arrived there, and the server knows that it has; and it has asked once more since,
 * so that it knows of what the app sends now that it was made later.
 */
export async function seen(app: App, work: () => Promise<unknown>): Promise<void> {
  const asked = once(app.socket, 'ping');
  await work();
  await asked;
  const askedAgain = once(app.socket, 'ping');
  await app.settled();
  await askedAgain;
  await app.settled();
}

/** Sends a change of one entity at a time of the device's clock, in the entity too, and waits for the answer. */
export const change = (
  app: App,
  type: string,
  operation: string,
  entity: Loose,
  at: number = Date.now(),
  more: Loose = {},
): Promise<Loose> =>
  app.entry(entryOf(app.tenantId, type, operation, entity, { timestamp: at, lastAttempt: at, ...more }));
