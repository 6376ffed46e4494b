/** I5 and I6 on the log: no gap in a scope's seqs, no gap in a record's versions, and nobody writes without a role. */
import type { Line, Truth } from '../truth.ts';
import { holds } from '../violation.ts';

export function checkLog(truth: Truth): void {
  for (const [scope, lines] of truth.logs) {
    checkSeqs(scope, lines, truth.scopes.get(scope)?.head ?? 0);
    checkAccess(lines);
  }
  checkVersions(truth);
  checkFeedPositions(truth);
}

function checkSeqs(scope: string, lines: readonly Line[], head: number): void {
  holds('I5', lines.length === head, 'the log and the head differ', () => ({ scope, head, lines }));
  lines.forEach((line, at) => {
    holds('I5', line.seq === at + 1, 'a gap or a double in the log', () => ({ scope, lines }));
    const before = lines[at - 1];
    holds('I5', !before || before.at <= line.at, 'seq order is not commit order', () => ({ before, line }));
  });
}

/** The makers of lines are members by the log's own account. */
function checkAccess(lines: readonly Line[]): void {
  const members = new Set<string>();
  for (const line of lines) {
    const isFirst = line.seq === 1;
    if (line.operation === 'GRANT') members.add(line.id);
    const own = line.scope === `user:${line.actor}`;
    holds(
      'I12',
      own || isFirst || members.has(line.actor),
      'somebody without access wrote to a scope',
      () => ({
        line,
        lines,
      }),
    );
    if (line.operation === 'REVOKE') members.delete(line.id);
  }
}

function checkVersions(truth: Truth): void {
  for (const { versions, record } of truth.histories.values()) {
    versions.forEach(({ version }, at) => {
      holds('I6', version === at + 1, 'a version was left out or made twice', () => ({ versions, record }));
    });
    holds('I6', record.version === versions.length, 'the record and its history differ', () => ({
      versions,
      record,
    }));
  }
}

/** A record carries the seq of its last line. */
function checkFeedPositions(truth: Truth): void {
  for (const record of truth.records) {
    const last = truth.logs
      .get(record.scope)
      ?.findLast(({ type, id }) => type === record.type && id === record.id);
    const right = last?.seq === record.seq && last.version === record.version;
    holds('I5', right, 'a record does not carry the seq of its last line', () => ({ record, last }));
  }
}
