import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { announcementLine, readMessage, type Sender, writeMessage } from './message.ts';

const key = new Uint8Array(randomBytes(32));
const at = (server: string, more: Partial<Sender> = {}): Sender => ({
  server,
  schema: 'abc',
  store: { epoch: 1, cursorKeys: [key] },
  ...more,
});
const text = writeMessage(at('one'), [
  announcementLine({ scope: 'trip:a', head: 7, users: ['anna'] }, '{"from":6}'),
  announcementLine({ scope: 'user:b', head: 1, users: [] }, null),
]);

test('others read what was written', () => {
  const reading = readMessage(at('two'), text);
  if (reading.kind !== 'heard') throw new Error(reading.kind);
  expect(reading.announcements.map(({ news, ...rest }) => [rest, news()])).toEqual([
    [{ scope: 'trip:a', head: 7, users: ['anna'] }, { from: 6 }],
    [{ scope: 'user:b', head: 1, users: [] }, null],
  ]);
});

test('whatever scopes and values hold', () => {
  const texts = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(texts, fc.nat(), fc.array(texts), fc.jsonValue(), (scope, head, users, news) => {
      const line = announcementLine({ scope, head, users }, JSON.stringify(news));
      const reading = readMessage(at('two'), writeMessage(at('one'), [line, line]));
      if (reading.kind !== 'heard') throw new Error(reading.kind);
      expect(reading.announcements).toHaveLength(2);
      for (const one of reading.announcements) {
        expect(one).toMatchObject({ scope, head, users });
        expect(one.news()).toEqual(JSON.parse(JSON.stringify(news)));
      }
    }),
  );
});

test('its own echo is known', () => expect(readMessage(at('one'), text)).toEqual({ kind: 'own' }));

describe('not for this server', () => {
  test.each<[string, string, Sender]>([
    ['another life of the database', text, at('two', { store: { epoch: 2, cursorKeys: [key] } })],
    ['another database', text, at('two', { store: { epoch: 1, cursorKeys: [new Uint8Array(32)] } })],
    ['another version', text.replace('ackord-bus/1', 'ackord-bus/2'), at('two')],
    ['another sender than it says', text.replace(' one ', ' two2 '), at('two')],
    ['changed', text.replace('"trip:a",7', '"trip:a",8'), at('two')],
    ['cut off', text.slice(0, -1), at('two')],
    ['without an end', text.split('\n')[0] ?? '', at('two')],
    ['empty', '', at('two')],
  ])('%s', (_name, message, receiver) => {
    expect(readMessage(receiver, message)).toEqual({ kind: 'foreign' });
  });

  test('anything at all', () => {
    const words = fc.array(fc.oneof(fc.constantFrom('ackord-bus/1', '1', 'abc', '\n', 'x'), fc.string()));
    fc.assert(
      fc.property(words, (list) => {
        expect(readMessage(at('two'), list.join(' '))).toEqual({ kind: 'foreign' });
      }),
    );
  });
});

test('what a server with other forms of records wrote is read from the store', () => {
  const reading = readMessage(at('two', { schema: 'xyz' }), text);
  if (reading.kind !== 'heard') throw new Error(reading.kind);
  expect(reading.announcements.map(({ scope, news }) => [scope, news()])).toEqual([
    ['trip:a', null],
    ['user:b', null],
  ]);
});

test.each(['{}', '[]', '["a"]', '["a",1.5,[]]', '["a",1,[2]]', '[1,1,[]]', 'no JSON'])(
  'a line that is no announcement is passed over: %s',
  (line) => {
    const message = writeMessage(at('one'), [line, '["trip:a",1,[]]']);
    expect(readMessage(at('two'), message)).toMatchObject({ announcements: [{ scope: 'trip:a' }] });
  },
);
