import type { Role } from '@ackord/core';
import { expect, test } from 'vitest';
import type { AccessListener } from '../../engine/access-watch.ts';
import type { Membership } from '../../engine/ports.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';
import { Subscription } from './subscription.ts';
import type { SyncTools } from './sync-tools.ts';

/** A session of somebody who has these roles, and is told what `hear` is called with. `turn`: when pages may be read. */
function sessionWith(roles: ReadonlyMap<string, Role>, turn: Promise<void> = Promise.resolve()) {
  let hear: AccessListener = () => {};
  let pages = 0;
  let onSent = (): void => {};
  const sent: string[] = [];
  const room = { position: 1, ready: Promise.resolve(), leave: () => {} };
  const page = {
    records: [],
    count: 0,
    dropped: [],
    droppedScopes: [],
    roles,
    cursor: 'a cursor',
    positions: Object.fromEntries([...roles.keys()].map((scope) => [scope, 1])),
    hasMore: false,
    consistent: true,
    total: 0,
    serverTime: 0,
    fullResync: false,
    conflicts: [],
  };
  const tools = {
    engine: {
      followUser: (_: string, listener: AccessListener) => {
        hear = listener;
        return () => {};
      },
      pullTexts: async () => {
        pages++;
        return { ok: true, page };
      },
    },
    pulls: { pass: (_: string, work: () => Promise<unknown>) => work() },
    door: { quiet: () => turn },
    rooms: { enter: () => room },
  } as unknown as SyncTools;
  const socket = { isOpen: true, bufferedBytes: 0, send: () => {} } as unknown as LiveSocket;
  const subscription = new Subscription({
    tools,
    socket,
    actor: { userId: 'ann' },
    filter: { domain: 'travel', types: null, priority: 0 },
    cursor: null,
    seen: {},
    send: (message) => {
      sent.push((message as { type: string }).type);
      onSent();
    },
    refuse: () => {},
  });
  const lives = (): number => sent.filter((type) => type === 'live').length;
  return {
    subscription,
    hear: (moved?: readonly Membership[]) => hear(moved),
    pages: () => pages,
    lives,
    onNextSent: (listener: () => void): void => {
      onSent = () => {
        onSent = () => {};
        listener();
      };
    },
  };
}

const role = (scope: string, revokedAt: number | null = null): Membership => ({
  userId: 'ann',
  scope,
  role: 'EDITOR',
  grantedAt: 5,
  revokedAt,
});

test('looks at its access only where that is not as it knows it', async () => {
  const { subscription, hear, pages, lives } = sessionWith(new Map([['trip:1', 'EDITOR']]));
  await expect.poll(lives).toBe(1);
  hear([role('trip:1'), role('trip:2', 9)]);
  expect(pages()).toBe(1);
  let looked = 1;
  for (const moved of [[role('trip:2')], [role('trip:1', 9)], [], undefined]) {
    hear(moved);
    looked++;
    await expect.poll(lives).toBe(looked);
    expect(pages()).toBe(looked);
  }
  subscription.end();
});

test('what it hears before its page is read is no reason to read another one', async () => {
  let begin = (): void => {};
  const turn = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const { subscription, hear, pages, lives } = sessionWith(new Map([['trip:1', 'EDITOR']]), turn);
  hear();
  hear([role('trip:2')]);
  await new Promise(setImmediate);
  expect(pages()).toBe(0);
  begin();
  await expect.poll(lives).toBe(1);
  expect(pages()).toBe(1);
  subscription.end();
});

test('what it hears in the moment in which it becomes live is not forgotten', async () => {
  const { subscription, hear, pages, lives, onNextSent } = sessionWith(new Map([['trip:1', 'EDITOR']]));
  onNextSent(() => hear([role('trip:2')]));
  await expect.poll(lives).toBe(2);
  expect(pages()).toBe(2);
  subscription.end();
});
