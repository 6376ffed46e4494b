/**
 * Prints the story: chapters, what happened when and to whom, tables. On a terminal a long step shows its progress on
 * one line that the next text replaces; elsewhere it prints a line now and then.
 */
import { type Paint, painter, type Tone } from './paint.ts';
import { wrap } from './wrap.ts';

export interface Output {
  readonly isTerminal: boolean;
  readonly colors: boolean;
  readonly columns: number;
  write(text: string): void;
}

export interface Timeline {
  readonly paint: Paint;
  title(text: string, facts: readonly (readonly [name: string, text: string])[]): void;
  chapter(title: string): void;
  /** `time` as HH:MM; `who` in front of the text, or nobody. */
  event(time: string, who: string | null, text: string, tone?: Tone): void;
  /** A line that belongs to the event above it. */
  detail(text: string, tone?: Tone): void;
  /** The same, with a name in front of it that the text stays right of. */
  entry(name: string, text: string, tone?: Tone): void;
  /** A detail, but with its columns as they are: it is not broken into lines. */
  row(text: string): void;
  /** A line from the left, with its columns as they are. */
  line(text: string): void;
  /** The same, broken into lines where it is long. */
  text(text: string): void;
  /** How far the current step has come. */
  progress(label: string, done: number, total: number): void;
}

const COLUMNS_MIN = 60;
const COLUMNS_MAX = 96;
const TIME_WIDTH = 5;
const WHO_WIDTH = 7;
const INDENT = 2 + TIME_WIDTH + 2 + WHO_WIDTH;
/** Steps smaller than this are over before anybody reads about them. */
const BAR_TOTAL_MIN = 100;
const PROGRESS_LINES_TOTAL_MIN = 400;
const PROGRESS_PARTS = 2;

export const count = (number: number): string => Math.round(number).toLocaleString('en-US');

export function createTimeline(output: Output): Timeline {
  const paint = painter(output.colors);
  const columns = Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, output.columns));
  let progressIsShown = false;
  let part = 0;
  /** Steps of what the next event tells: they stand below it. */
  const steps: string[] = [];

  const print = (text: string): void => {
    const clear = progressIsShown ? '\r\u001b[2K' : '';
    progressIsShown = false;
    output.write(`${clear}${text}\n`);
  };
  const indented = (head: string, text: string, tone: Tone | undefined, indent: number): void => {
    const [first = '', ...rest] = wrap(text, columns - indent);
    const painted = (line: string) => (tone ? paint(tone, line) : line);
    print(`${head}${painted(first)}`);
    for (const line of rest) print(`${' '.repeat(indent)}${painted(line)}`);
  };

  return {
    paint,
    title(text, facts) {
      print(`\n${paint('strong', text)}\n`);
      const width = Math.max(...facts.map(([name]) => name.length)) + 2;
      for (const [name, fact] of facts)
        indented(`  ${paint('quiet', name.padEnd(width))}`, fact, undefined, 2 + width);
    },
    chapter: (title) => print(`\n${paint('strong', title)}`),
    event(time, who, text, tone) {
      part = 0;
      const name = paint(toneOf(who), (who ?? '').padEnd(WHO_WIDTH));
      indented(`  ${paint('quiet', time.padStart(TIME_WIDTH))}  ${name}`, text, tone, INDENT);
      for (const step of steps.splice(0)) print(`${' '.repeat(INDENT)}${step}`);
    },
    detail: (text, tone) => indented(' '.repeat(INDENT), text, tone, INDENT),
    entry: (name, text, tone) =>
      indented(`${' '.repeat(INDENT)}${name} `, text, tone, INDENT + name.length + 1),
    row: (text) => print(`${' '.repeat(INDENT)}${text}`),
    text: (text) => indented('  ', text, undefined, 2),
    line: (text) => print(text === '' ? '' : `  ${text}`),
    progress(label, done, total) {
      if (total < (output.isTerminal ? BAR_TOTAL_MIN : PROGRESS_LINES_TOTAL_MIN)) return;
      const text = `${label} ${count(done)} of ${count(total)}`;
      if (output.isTerminal) {
        output.write(`\r\u001b[2K${' '.repeat(INDENT)}${bar(done / total)} ${paint('quiet', text)}`);
        progressIsShown = true;
        return;
      }
      const reached = Math.floor((PROGRESS_PARTS * done) / total);
      if (reached > part && done < total) steps.push(text);
      part = reached;
    },
  };
}

function toneOf(who: string | null): Tone {
  const tones: { readonly [name: string]: Tone } = { Anna: 'anna', Ben: 'ben', Clara: 'clara' };
  return tones[who ?? ''] ?? 'quiet';
}

const BAR_WIDTH = 20;

function bar(part: number): string {
  const filled = Math.round(Math.min(1, part) * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}
