/** What a move did, as a table and a list for people: counts first, then what needs a look. */
import type { Counts, MovingReport } from '@ackord/travel';

const COLUMNS: Columns<Counts> = [
  ['read', 'read'],
  ['created', 'new'],
  ['changed', 'changed'],
  ['unchanged', 'unchanged'],
  ['deleted', 'deleted'],
  ['kept', 'kept as here'],
  ['leftOut', 'left out'],
];
export const SHOWN_PROBLEMS_MAX = 50;
export const SHOWN_NOTES_MAX = 50;

/** A count and what stands above it. */
export type Columns<C> = readonly (readonly [keyof C, string])[];

export function movingReport(report: MovingReport): string {
  const lines = tableOf(COLUMNS, report.counts);
  lines.push(...listOf('Decided on the way:', report.notes, report.notes.length, SHOWN_NOTES_MAX));
  const problems = report.problems.map(({ table, id, reason }) => `${table} ${id}: ${reason}`);
  lines.push(...listOf('Left out:', problems, report.problemCount, SHOWN_PROBLEMS_MAX));
  const along = report.along.map(({ table, rows }) => `${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}`);
  lines.push(...listOf('Left out with what they belong to:', along, along.length, along.length));
  lines.push('', ...(report.isDryRun ? endOfRehearsal(report) : [endOf(report)]));
  return `${lines.join('\n')}\n`;
}

const endOf = ({ problemCount }: MovingReport): string =>
  problemCount === 0
    ? 'All is in.'
    : 'All else is in. Put the rows above right over there and run the same command again.';

const endOfRehearsal = ({ problemCount }: MovingReport): string[] => [
  problemCount === 0
    ? 'A dry run finds nothing that a run would leave out.'
    : 'A run would leave out the rows above, unless they are put right over there before it.',
  'It can’t see what else the new database refuses in writing, nor which edits that people made here would win: it counts those',
  'rows as changed or deleted. Of equal names it sees those over there alone.',
  'This was a dry run: nothing was written.',
];

export function tableOf<C>(columns: Columns<C>, counts: Iterable<readonly [name: string, C]>): string[] {
  const rows = [
    ['', ...columns.map(([, title]) => title)],
    ...[...counts].map(([name, count]) => [name, ...columns.map(([key]) => String(count[key]))]),
  ];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

export function listOf(title: string, items: readonly string[], total: number, shownMax: number): string[] {
  if (total === 0) return [];
  const shown = items.slice(0, shownMax).map((item) => `  ${item}`);
  const hidden = total - shown.length;
  return ['', title, ...shown, ...(hidden > 0 ? [`  … and ${hidden} more`] : [])];
}
