/** What a move of households did, for people: a line per tenant, then what needs a look. */
import type { Counts, FinanceReport } from '@ackord/finance';
import { type Columns, listOf, SHOWN_NOTES_MAX, SHOWN_PROBLEMS_MAX, tableOf } from './moving-report.ts';

const COLUMNS: Columns<Counts> = [
  ['read', 'read'],
  ['created', 'new'],
  ['changed', 'changed'],
  ['unchanged', 'unchanged'],
  ['kept', 'kept as here'],
  ['leftOut', 'left out'],
];

export function financeReport({ parts, problems, notes, isDryRun }: FinanceReport): string {
  const lines = tableOf(
    COLUMNS,
    parts.map(({ name, counts }) => [printable(name), counts] as const),
  );
  lines.push(...listOf('Worth knowing:', notes.map(printable), notes.length, SHOWN_NOTES_MAX));
  const named = problems.list.map(({ table, id, reason }) =>
    printable(`${[table, id].filter((part) => part !== '').join(' ')}: ${reason}`),
  );
  lines.push(...listOf('Left out:', named, problems.count, SHOWN_PROBLEMS_MAX));
  lines.push('', endOf(problems.count, isDryRun));
  if (isDryRun) lines.push('This was a dry run: nothing was written.');
  return `${lines.join('\n')}\n`;
}

function endOf(problemCount: number, isDryRun: boolean): string {
  if (isDryRun)
    return problemCount === 0
      ? 'A dry run finds nothing that a run would leave out.'
      : 'A run would leave out what is named above.';
  return problemCount === 0
    ? 'All is in.'
    : 'All else is in. Put what is named above right over there and run the same command again.';
}

/** Names come from the files: none of them may move the cursor of a terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
