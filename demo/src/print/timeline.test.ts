import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableLines } from './table.ts';
import { createTimeline, type Output } from './timeline.ts';
import { cut, wrap } from './wrap.ts';

function paper(more: Partial<Output> = {}) {
  let written = '';
  const output: Output = {
    isTerminal: false,
    colors: false,
    columns: 80,
    write: (text) => {
      written += text;
    },
    ...more,
  };
  return { timeline: createTimeline(output), text: () => written };
}

describe('the timeline', () => {
  test('aligns times, people and texts', () => {
    const { timeline, text } = paper();
    timeline.chapter('Day 1 - Zürich');
    timeline.event('08:00', 'Anna', 'packs');
    timeline.detail('and packs');
    timeline.event('9:00', null, 'rain');
    expect(text()).toBe(
      '\nDay 1 - Zürich\n  08:00  Anna   packs\n                and packs\n   9:00         rain\n',
    );
  });

  test('breaks long texts below their beginning, within the width of the terminal', () => {
    const { timeline, text } = paper({ columns: 60 });
    timeline.event('08:00', 'Ben', 'word '.repeat(40).trim(), 'good');
    const lines = text().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {16}word/);
  });

  test('has colours only where they are wanted', () => {
    const plain = paper();
    plain.timeline.event('08:00', 'Anna', 'packs', 'bad');
    expect(plain.text()).not.toContain('\u001b');
    const colored = paper({ colors: true });
    colored.timeline.event('08:00', 'Anna', 'packs', 'bad');
    expect(colored.text()).toContain('\u001b[31mpacks\u001b[0m');
  });

  test('shows progress on one line of a terminal, which the next text replaces', () => {
    const { timeline, text } = paper({ isTerminal: true });
    timeline.progress('sent', 100, 400);
    timeline.progress('sent', 400, 400);
    timeline.detail('done');
    expect(text().split('\n')).toHaveLength(2);
    expect(text()).toContain('[#####...............] sent 100 of 400');
    expect(text().endsWith(`\r\u001b[2K${' '.repeat(16)}done\n`)).toBe(true);
  });

  test('shows it in a few lines elsewhere, below what it belongs to, and not at all for short steps', () => {
    const { timeline, text } = paper();
    for (let done = 10; done <= 1_000; done += 10) timeline.progress('sent', done, 1_000);
    timeline.event('08:00', 'Anna', 'sends');
    for (let done = 1; done <= 100; done++) timeline.progress('sent', done, 100);
    timeline.event('08:10', 'Ben', 'sends');
    expect(
      text()
        .trimEnd()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['08:00  Anna   sends', 'sent 500 of 1,000', '08:10  Ben    sends']);
  });
});

describe('texts on lines', () => {
  test('no word is lost, and no line is too long unless a word is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.integer({ min: 12, max: 80 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          expect(lines.join(' ')).toBe(words.join(' '));
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test('cut texts carry a mark', () => {
    expect(cut('Sestri Levante', 20)).toBe('Sestri Levante');
    expect(cut('Sestri Levante', 8)).toBe('Sestri…');
  });

  test('columns are straight', () => {
    expect(
      tableLines(
        [
          ['name', 'n'],
          ['a', '1'],
          ['bcdef', '200'],
        ],
        [1],
      ),
    ).toEqual(['name      n', 'a         1', 'bcdef   200']);
  });
});
