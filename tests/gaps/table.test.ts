/** docs/spec-gaps.md lists every gap of the plan's sketch, and names tests that are there. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const DOCS = new URL('../../docs/', import.meta.url);
const COUNTS = { A: 10, B: 12, C: 11, D: 8, E: 17, F: 8, G: 7, H: 5 };
const IDS = Object.entries(COUNTS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, at) => `${letter}${at + 1}`),
);

interface Row {
  readonly id: string;
  readonly holds: string;
  readonly tests: readonly { readonly file: URL; readonly title: string }[];
}

const rows: readonly Row[] = readFileSync(new URL('spec-gaps.md', DOCS), 'utf8')
  .split('\n')
  .filter((line) => /^\| [A-H]\d+ \|/.test(line))
  .map((line) => {
    const [, id = '', sketch = '', holds = '', shown = ''] = line
      .split(' | ')
      .join('|')
      .split('|')
      .map((cell) => cell.trim());
    expect([id, sketch.length > 5, holds.length > 5]).toEqual([id, true, true]);
    return { id, holds, tests: testsOf(shown) };
  });

function testsOf(cell: string): Row['tests'] {
  return cell.split('<br>').flatMap((part) => {
    const path = /\]\(([^)]+)\)/.exec(part)?.[1];
    if (!path) return [];
    return [...part.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file: new URL(path, DOCS), title }));
  });
}

/** Titles of tests and of what encloses them, as they stand in the source. */
const titlesIn = (source: string): string[] =>
  [...source.matchAll(/\(\s*(['"`])((?:(?!\1).)+)\1,\s*(?:async\b|\(|function|\{)/g)].map(
    ([, , title = '']) => title,
  );

const sourceOf = (file: URL): string => readFileSync(file, 'utf8');

test('every gap has one row, in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(IDS);
});

test.each(rows)('$id: the tests that are named are there', ({ id, holds, tests }) => {
  for (const { file, title } of tests) {
    expect(titlesIn(sourceOf(file))).toContain(title);
    if (file.pathname.includes('/tests/gaps/') && /^[A-H]\d+ /.test(title))
      expect(title).toMatch(new RegExp(`^${id} `));
  }
  if (tests.length === 0) expect(holds).toMatch(/^(holds by design|not part of this version): /);
});

test('every test that bears the name of a gap is in the row of that gap', () => {
  for (const folder of ['../gaps/', '../graphql/']) {
    const at = new URL(folder, import.meta.url);
    for (const name of readdirSync(at).filter((file) => file.endsWith('.test.ts'))) {
      const titles = titlesIn(sourceOf(new URL(name, at))).filter((title) => /^[A-H]\d+ /.test(title));
      for (const title of titles) {
        const row = rows.find(({ id }) => title.startsWith(`${id} `));
        expect(row?.tests.map((one) => one.title)).toContain(title);
      }
    }
  }
});

test('no test of a gap is left out', () => {
  const at = new URL('.', import.meta.url);
  for (const name of readdirSync(at).filter((file) => file.endsWith('.test.ts')))
    expect([name, /\.(skip|todo|only|fails)\b\s*[(.]/.test(sourceOf(new URL(name, at)))]).toEqual([
      name,
      false,
    ]);
});
