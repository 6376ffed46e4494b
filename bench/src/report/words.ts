/** Figures and results as people read them. */
import type { Machine } from '../machine.ts';
import type { Durability } from '../peers/peer.ts';

/** 0.0123 → 0.0123, 12.345 → 12.3, 1234.5 → 1,235. */
export function number(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
}

export const milliseconds = (value: number): string =>
  value >= 10_000 ? `${number(value / 1_000)} s` : `${number(value)} ms`;

export const DURABILITY: Readonly<Record<Durability, string>> = {
  commit: 'acknowledged after a commit that reached the disk',
  later: 'acknowledged before it is safe on disk',
  memory: 'kept in memory only',
};

/** The same in a column of figures. */
export const KEPT: Readonly<Record<Durability, string>> = {
  commit: 'on disk',
  later: 'written later',
  memory: 'in memory',
};

export const machineWords = ({ cores, memory_gb, system, node, postgres, ackord, date }: Machine): string =>
  `${date}, Ackord ${ackord}, Node ${node}, PostgreSQL ${postgres}, ${cores} cores, ${memory_gb} GB of memory, ${system}`;

/** A table of Markdown; the first column is text, the others are figures. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = heads.map((_, at) => (at === 0 ? '---' : '--:'));
  return [line(heads), line(rule), ...rows.map(line)].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
