/** Rows of the deletion log that no tombstone can be made of: they are counted and named, so that no row goes unsaid. */
import type { Report } from './report.ts';
import { quoted, type Source, type Table } from './source.ts';
import { TABLES } from './tables.ts';

/** Points and segments: no app keeps them as records of their own, so none has to be told that they are gone. */
const WITHOUT_TOMBSTONES: ReadonlySet<string> = new Set(['RoutePoint', 'TrackSegment']);

export async function passOver(
  { source, report }: { readonly source: Source; readonly report: Report },
  log: Table,
): Promise<void> {
  const kind = log.columns.get('entityType');
  if (!kind || !log.columns.has('entityId'))
    return report.problem({
      table: log.name,
      id: '',
      reason: 'The table has no column entityId or entityType: nothing of it was taken over.',
    });
  const rows = await source.rows(
    `SELECT ${kind.value} AS kind, count(*)::float8 AS rows FROM ${quoted(log.name)} AS t
     WHERE NOT coalesce(${kind.value} = ANY ($1::text[]), false) GROUP BY 1 ORDER BY 1`,
    [Object.keys(TABLES)],
  );
  for (const { kind: type, rows: count } of rows) {
    const counts = report.of('Others (deleted)');
    counts.read += Number(count);
    counts.leftOut += Number(count);
    const name = JSON.stringify(type ?? '');
    if (WITHOUT_TOMBSTONES.has(String(type)))
      report.note(`deletion_log: ${count} of type ${name}, which apps need not be told of.`);
    else
      report.problem({
        table: log.name,
        id: name,
        reason: `The type is not known here: ${count} ${count === 1 ? 'row' : 'rows'} of it.`,
      });
  }
}
