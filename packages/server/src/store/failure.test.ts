/** What a failed statement means: again, unavailable or refused. */
import { expect, test } from 'vitest';
import { DatabaseFailure, failureOf, isConnectionLost } from './failure.ts';

const thrown = (facts: object, message = 'words of the database') => Object.assign(new Error(message), facts);

test.each([
  ['a serialization failure', { code: '40001' }, 'again'],
  ['a deadlock', { code: '40P01' }, 'again'],
  ['a lock timeout', { code: '55P03' }, 'again'],
  ['a receipt that is there already', { code: '23505', constraint: 'receipt_pkey' }, 'again'],
  ['a location that is there already', { code: '23505', constraint: 'location_pkey' }, 'again'],
  [
    'a location in a scope that is not held',
    { code: '23502', table: 'location', column: 'scope_id' },
    'again',
  ],
  ['a position of the log that is there already', { code: '23505', constraint: 'sync_log_pkey' }, 'refused'],
  ['a unique key that is taken', { code: '23P01', constraint: 'record_unique_key' }, 'refused'],
  ['a missing value', { code: '23502', table: 'record', column: 'doc' }, 'refused'],
  ['a NUL', { code: '22021' }, 'refused'],
  ['a number out of range', { code: '22003' }, 'refused'],
  ['a scope that was not named', { code: '42501' }, 'refused'],
  ['a defect in a statement', { code: '42601' }, 'refused'],
  ['a failed transaction', { code: '25P02' }, 'refused'],
  ['a cut session', { code: '57P01' }, 'unavailable'],
  ['a crash', { code: '57P02' }, 'unavailable'],
  ['a start that is not over', { code: '57P03' }, 'unavailable'],
  ['a statement that took too long', { code: '57014' }, 'unavailable'],
  ['a transaction that idled too long', { code: '25P03' }, 'unavailable'],
  ['a standby', { code: '25006' }, 'unavailable'],
  ['a lost connection', { code: '08006' }, 'unavailable'],
  ['too many connections', { code: '53300' }, 'unavailable'],
  ['a full disk', { code: '53100' }, 'unavailable'],
  ['nobody listening', { code: 'ECONNREFUSED' }, 'unavailable'],
  ['no socket', { code: 'ENOENT' }, 'unavailable'],
  ['a broken pipe', { code: 'EPIPE' }, 'unavailable'],
])('%s', (_, facts, outcome) => {
  expect(failureOf(thrown(facts)).outcome).toBe(outcome);
});

test.each([
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable',
  'Cannot use a pool after calling end on the pool',
])('the driver says: %s', (message) => {
  expect(failureOf(new Error(message))).toMatchObject({ outcome: 'unavailable', code: null });
});

test('what nobody knows is refused, never taken for a passing fault', () => {
  expect(failureOf(new Error('something else')).outcome).toBe('refused');
  expect(failureOf('no error at all').outcome).toBe('refused');
});

test('a failure stays what it is, and keeps its cause', () => {
  const cause = thrown({ code: '40001', constraint: 'some_index' });
  const failure = failureOf(cause);
  expect(failureOf(failure)).toBe(failure);
  expect(failure).toBeInstanceOf(DatabaseFailure);
  expect(failure).toMatchObject({ code: '40001', constraint: 'some_index', cause });
  expect(failure.message).toContain('words of the database');
});

test('only a lost connection spoils the session', () => {
  const isLost = (code: string) => isConnectionLost(failureOf(thrown({ code })));
  expect(['57P01', '08006', 'ECONNRESET', '25P03'].map(isLost)).toEqual([true, true, true, true]);
  expect(['57014', '53100', '25006', '40001', '22021'].map(isLost)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});
