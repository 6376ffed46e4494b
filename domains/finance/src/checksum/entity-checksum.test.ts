// The checksum on the wire, against known sums and against Python's own JSON.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Fields } from '@ackord/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TYPE_NAMES } from '../wire/type-names.ts';
import { entityChecksum, restoreChecksum } from './entity-checksum.ts';
import { CHECKSUM_FIELDS } from './field-lists.ts';
import { pythonFloat, pythonJson } from './python-json.ts';

const account: Fields = {
  name: 'Giro',
  description: null,
  note: null,
  accountType: 'giro',
  isActive: true,
  isOfflineBudget: false,
  accountGroupId: 'g1',
  sortOrder: 0,
  iban: null,
  balance: '100',
  creditLimit: null,
  offset: '0',
  logoPath: null,
  editedAt: '2025-01-02T03:04:05.000Z',
};

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('the checksum on the wire', () => {
  test('of an account group with a letter beyond ASCII and a fraction of a second', () => {
    const group = {
      name: 'Bär & Co',
      sortOrder: 2,
      logoPath: null,
      editedAt: '2025-01-02T03:04:05.678Z',
    };
    expect(entityChecksum('AccountGroup', 'g1', group)).toBe('691de10f045cb2dcfc59255ef8d99a24');
  });

  test('of an account', () => {
    expect(entityChecksum('Account', 'a1', account)).toBe('d4c0ad1f369c411fbffd51e74dc1c382');
  });

  test('takes a credit limit of zero for none, and tells a fraction of the offset', () => {
    const sum = entityChecksum('Account', 'a1', account);
    expect(entityChecksum('Account', 'a1', { ...account, creditLimit: '0' })).toBe(sum);
    expect(entityChecksum('Account', 'a1', { ...account, creditLimit: '1' })).not.toBe(sum);
    expect(entityChecksum('Account', 'a1', { ...account, offset: '0.5' })).not.toBe(sum);
  });

  test('writes every value of a transaction as the original writes such values', () => {
    const transaction: Fields = {
      accountId: 'a1',
      categoryId: null,
      toCategoryId: null,
      recipientId: 'r1',
      date: '2025-01-02',
      valueDate: '2025-01-02',
      amount: '-12.5',
      description: '',
      note: null,
      payee: 'Bäcker 🥐',
      tagIds: ['t1', 't2'],
      type: 'EXPENSE',
      runningBalance: '0',
      counterTransactionId: null,
      planningTransactionId: null,
      transferToAccountId: null,
      isReconciliation: false,
      isCategoryTransfer: null,
      reconciled: true,
      createdAt: '2025-01-02T03:04:05.006Z',
      editedAt: null,
    };
    const text =
      '{"accountId": "a1", "amount": -12.5, "categoryId": null, "counterTransactionId": null, ' +
      '"createdAt": "2025-01-02T03:04:05.006000", "date": "2025-01-02", "description": "", "id": "x", ' +
      '"isCategoryTransfer": null, "isReconciliation": false, "note": null, ' +
      '"payee": "B\\u00e4cker \\ud83e\\udd50", "planningTransactionId": null, "recipientId": "r1", ' +
      '"reconciled": true, "runningBalance": 0.0, "tagIds": ["t1", "t2"], "toCategoryId": null, ' +
      '"transferToAccountId": null, "type": "EXPENSE", "updated_at": null, "valueDate": "2025-01-02"}';
    expect(entityChecksum('Transaction', 'x', transaction)).toBe(md5(text));
  });

  test('covers the fields that the original covers', () => {
    const names = TYPE_NAMES.map((name) => CHECKSUM_FIELDS.get(name)!.length);
    expect(names).toEqual([14, 4, 13, 4, 4, 5, 9, 27, 21]);
    expect(CHECKSUM_FIELDS.get('Category')!.map(({ name }) => name)).not.toContain('note');
  });
});

describe('the checksum of a checkpoint', () => {
  test('leaves the time of editing out, and nothing else', () => {
    const sum = restoreChecksum('Account', 'a1', account);
    expect(restoreChecksum('Account', 'a1', { ...account, editedAt: null })).toBe(sum);
    expect(restoreChecksum('Account', 'a1', { ...account, creditLimit: '0' })).not.toBe(sum);
    expect(restoreChecksum('Account', 'a2', account)).not.toBe(sum);
    const category: Fields = { name: 'Food', note: 'a' };
    expect(restoreChecksum('Category', 'c', category)).not.toBe(
      restoreChecksum('Category', 'c', { ...category, note: 'b' }),
    );
  });
});

test.each([
  [100, '100.0'],
  [0, '0.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [1.2345678901234567e19, '1.2345678901234567e+19'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [-1.5e-7, '-1.5e-07'],
  [5e-324, '5e-324'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
])('%d is written %s', (value, text) => {
  expect(pythonFloat(value)).toBe(text);
});

test('nested keys are ordered by code point, and a control character is escaped', () => {
  const value = { '\uff5e': 1, '😀': [2.5, 1e21, null], a: '\u007f\u0001"\\' };
  expect(pythonJson(value)).toBe(
    '{"a": "\\u007f\\u0001\\"\\\\", "\\uff5e": 1, "\\ud83d\\ude00": [2.5, 1e+21, null]}',
  );
});

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Where there is no Python the sums and texts above stand for it.
test.runIf(hasPython)('every value is written as Python writes it', () => {
  const wellFormed = fc.string({ unit: 'binary' });
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      wellFormed,
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(wellFormed, tie('json'), { maxKeys: 4 }),
    ),
  }));
  const script = 'import json,sys\nfor v in json.load(sys.stdin): print(json.dumps(v, sort_keys=True))';
  fc.assert(
    fc.property(fc.array(json, { minLength: 100, maxLength: 200 }), (values) => {
      const input = JSON.stringify(values);
      const expected = execFileSync('python3', ['-c', script], { input, encoding: 'utf8' });
      expect(JSON.parse(input).map(pythonJson)).toEqual(expected.trimEnd().split('\n'));
    }),
    { numRuns: 5, verbose: true },
  );
});
