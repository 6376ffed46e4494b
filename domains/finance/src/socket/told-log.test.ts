import { LIMITS } from '@ackord/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createToldLog, type ToldRecord } from './told-log.ts';

const RECORDS = Array.from({ length: 40 }, (_, at) => `finance.Tag t/${at}`);
const SESSIONS = ['a', 'b', 'c'];
const telling = fc.record({
  key: fc.constantFrom(...RECORDS),
  device: fc.constantFrom(...SESSIONS, null),
});

/** What a session was told last, from all that was ever told: the newest state by somebody else than its last writer. */
function truly(told: readonly ToldRecord[], key: string, sessionId: string): number {
  const own = told.filter((one) => one.key === key);
  const last = own.at(-1);
  return (last?.device === sessionId ? own.findLast((one) => one.device !== sessionId) : last)?.seq ?? 0;
}

test('of records that are remembered it knows exactly what a session was told', () => {
  fc.assert(
    fc.property(fc.array(telling, { maxLength: 200 }), (some) => {
      const told = some.map((one, at) => ({ ...one, seq: at + 1 }));
      const log = createToldLog();
      log.note(told);
      const asked = RECORDS.flatMap((key) => SESSIONS.map((session) => [key, session] as const));
      expect(RECORDS.map((key) => log.newestOf(key))).toEqual(
        RECORDS.map((key) => told.findLast((one) => one.key === key)?.seq ?? 0),
      );
      const truth = asked.map(([key, session]) => truly(told, key, session));
      expect(asked.map(([key, session]) => log.lastFor(key, session))).toEqual(truth);
      expect(asked.map(([key, session]) => log.surelyFor(key, session))).toEqual(truth);
    }),
  );
});

test('of records long past it takes the safe side, and never forgets the youngest half', () => {
  const max = LIMITS.socketRecordsRememberedMax;
  const log = createToldLog();
  const told = Array.from({ length: 3 * max }, (_, at) => ({
    key: `finance.Tag t/${at % (2 * max)}`,
    seq: at + 1,
    device: SESSIONS[at % 3] ?? null,
  }));
  log.note(told);
  const last = [...new Map(told.map((one) => [one.key, one])).values()];
  const isForgotten = ({ key }: ToldRecord): boolean => log.newestOf(key) === 0;
  const readerOf = ({ device }: ToldRecord): string => (device === 'a' ? 'b' : 'a');
  expect(last.filter(isForgotten).length).toBeGreaterThanOrEqual(max);
  expect(last.filter((one) => isForgotten(one) && one.seq > told.length - max / 2)).toEqual([]);
  expect(last.filter((one) => !isForgotten(one) && log.newestOf(one.key) !== one.seq)).toEqual([]);
  expect(last.filter((one) => log.lastFor(one.key, readerOf(one)) < one.seq)).toEqual([]);
  const sure = (one: ToldRecord): number => log.surelyFor(one.key, readerOf(one));
  expect(last.filter((one) => sure(one) !== 0 && sure(one) !== one.seq)).toEqual([]);
});
