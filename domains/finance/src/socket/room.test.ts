/** What a socket that ended may have got late is told to the others again, and never in place of something newer. */
import type { RecordState } from '@ackord/core';
import { createFanOut, type Engine, type MovedRecord, type News, type NewsListener } from '@ackord/server';
import { expect, test } from 'vitest';
import { decodeEntity } from '../wire/decode.ts';
import { typeKeyOf } from '../wire/type-names.ts';
import { type Guest, openRoom } from './room.ts';

const tag = decodeEntity('Tag', { id: 'a', name: 'A', updated_at: '2026-01-01T00:00:00.000Z' });
const fields = tag.ok ? { parentTagId: null, color: null, icon: null, ...tag.fields } : {};

const moved = (id: string, seq: number, isDeleted = false): MovedRecord => ({
  record: {
    scope: 'tenant:t',
    type: typeKeyOf('Tag'),
    id: `t/${id}`,
    version: seq,
    seq,
    fields,
    tombstone: isDeleted ? {} : null,
  } as unknown as RecordState,
  lines: [],
});

const newsOf = (from: number, to: number, ...records: MovedRecord[]): News => ({
  scope: 'tenant:t',
  from,
  to,
  head: to,
  moved: records,
  accessMoved: false,
  closed: false,
});

class Listener implements Guest {
  position: number | null = null;
  /** Operations, in the order in which they came. */
  readonly heard: string[] = [];
  begin(position: number): void {
    this.position = position;
  }
  deliver({ updates, to }: Parameters<Guest['deliver']>[0]): void {
    this.heard.push(...updates.map(({ frame }) => operationIn(frame)));
    this.position = to;
  }
  tellAgain(updates: Parameters<Guest['tellAgain']>[0]): void {
    this.heard.push(...updates.map(({ frame }) => `again: ${operationIn(frame)}`));
  }
  send(): void {}
  lookAtAccess(): void {}
  endWithTenant(): void {}
}

const operationIn = (frame: Uint8Array): string => {
  const { operation_type: operation, data } = JSON.parse(Buffer.from(frame).toString());
  return `${operation} ${data.single_entity.id}`;
};

/** A room whose reads end when the test says so, with what it says. */
async function ground() {
  let listener: NewsListener = () => undefined;
  const reads: ((news: News) => void)[] = [];
  const engine: Pick<Engine, 'follow' | 'news'> = {
    async follow(_scope, _domain, its) {
      listener = its;
      return { from: 0, stop: async () => undefined };
    },
    news: () => new Promise((resolve) => reads.push((news) => resolve({ ok: true, news }))),
  };
  const room = openRoom('t', { engine, fanOut: createFanOut(), onEmpty: () => {}, onNews: () => {} });
  const [leaving, staying] = [new Listener(), new Listener()];
  room.join(leaving);
  room.join(staying);
  await room.ready;
  return {
    room,
    leaving,
    staying,
    tell: async (news: News) => {
      listener(news);
      while ((staying.position ?? 0) < news.to) await new Promise(setImmediate);
    },
    nextRead: async () => {
      while (reads.length === 0) await new Promise(setImmediate);
      return reads.shift() ?? (() => undefined);
    },
  };
}

test('what was told after the position that had arrived is told again', async () => {
  const { room, leaving, staying, tell, nextRead } = await ground();
  await tell(newsOf(0, 1, moved('a', 1)));
  const left = room.leave(leaving, 0);
  (await nextRead())(newsOf(0, 1, moved('a', 1)));
  await left;
  expect(staying.heard).toEqual(['create a', 'again: create a']);
});

test('all of it had arrived: nothing is read', async () => {
  const { room, leaving, tell } = await ground();
  await tell(newsOf(0, 1, moved('a', 1)));
  await room.leave(leaving, 1);
});

test('a record that was deleted while it was read is not brought back', async () => {
  const { room, leaving, staying, tell, nextRead } = await ground();
  await tell(newsOf(0, 2, moved('a', 1), moved('b', 2)));
  const left = room.leave(leaving, 0);
  const answer = await nextRead();
  await tell(newsOf(2, 3, moved('a', 3, true)));
  answer(newsOf(0, 2, moved('a', 1), moved('b', 2)));
  await left;
  expect(staying.heard).toEqual(['create a', 'update b', 'delete a', 'again: update b']);
});

test('who has read further by itself is told of what is read after that', async () => {
  const { room, leaving, staying, tell, nextRead } = await ground();
  await tell(newsOf(0, 1, moved('a', 1)));
  const left = room.leave(leaving, 0);
  const answer = await nextRead();
  staying.position = 2;
  answer(newsOf(0, 1, moved('a', 1)));
  (await nextRead())(newsOf(0, 2, moved('a', 2, true)));
  await left;
  expect(staying.heard).toEqual(['create a', 'again: delete a']);
});
