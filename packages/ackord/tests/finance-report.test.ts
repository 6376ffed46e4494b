import { Problems, Tally } from '@ackord/finance';
import { expect, test } from 'vitest';
import { financeReport } from '../src/finance-report.ts';

function reported(isDryRun: boolean, leavesOut: boolean): string {
  const problems = new Problems();
  const [users, home] = [new Tally('Users', problems), new Tally('Home\u001b[2J (h)', problems, 'home.db')];
  users.read(1);
  users.count('created');
  home.read(2);
  home.count('kept');
  if (leavesOut) home.leftOut({ table: 'tags', id: 't\n1', reason: 'It has no name.' });
  return financeReport({ isDryRun, parts: [users, home], problems, notes: ['Home has no file.'] });
}

test('a line per part, what is worth knowing, what was left out, and how it ended', () => {
  expect(reported(false, true).split('\n')).toEqual([
    '              read  new  changed  unchanged  kept as here  left out',
    'Users            1    1        0          0             0         0',
    'Home [2J (h)     2    0        0          0             1         1',
    '',
    'Worth knowing:',
    '  Home has no file.',
    '',
    'Left out:',
    '  home.db tags t 1: It has no name.',
    '',
    'All else is in. Put what is named above right over there and run the same command again.',
    '',
  ]);
  expect(reported(false, false)).toMatch(/\nAll is in\.\n$/);
  expect(reported(true, true)).toMatch(
    /would leave out [^\n]*\nThis was a dry run: nothing was written\.\n$/,
  );
});
