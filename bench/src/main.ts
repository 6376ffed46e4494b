/**
 * `npm run bench [-- case …]`: measures, prints a table, and keeps the figures in bench/results/<case>.json.
 * `npm run bench -- side-by-side [peer …]` compares; `npm run bench -- report` makes docs/benchmarks.md.
 */
import { bulkSync } from './cases/bulk-sync.ts';
import { download } from './cases/download.ts';
import { engine } from './cases/engine.ts';
import { hotStatements } from './cases/hot-statements.ts';
import { manyCalls } from './cases/many-calls.ts';
import { native } from './cases/native.ts';
import { resolve } from './cases/resolve.ts';
import { singleOperations } from './cases/single-operations.ts';
import { sockets } from './cases/sockets.ts';
import { report } from './report/report.ts';
import { HEADING, keep, type Result, row } from './result.ts';
import { sideBySide } from './side-by-side/side-by-side.ts';

const CASES: Readonly<Record<string, () => Promise<Result[]>>> = {
  'bulk-sync': bulkSync,
  download,
  resolve,
  engine,
  'single-operations': singleOperations,
  'hot-statements': hotStatements,
  native,
  sockets,
  'many-calls': manyCalls,
};

const wanted = process.argv.slice(2);
if (wanted[0] === 'side-by-side') process.exit(await sideBySide(wanted.slice(1)));
if (wanted[0] === 'report') process.exit(await report());
const unknown = wanted.filter((name) => !(name in CASES));
if (unknown.length > 0 || wanted.includes('--help')) {
  console.log(
    `Cases: ${Object.keys(CASES).join(', ')}. Without a name, all of them; RECORDS sets the size of hot-statements. ` +
      'side-by-side compares with other sync servers, report writes docs/benchmarks.md.',
  );
  process.exit(wanted.includes('--help') ? 0 : 2);
}
console.log(HEADING);
for (const [name, measure] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const results = await measure();
  for (const result of results) console.log(row(result));
  await keep(name, results);
}
