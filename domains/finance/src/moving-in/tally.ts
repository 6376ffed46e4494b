/** What a part of an import did, for a person to read: read = created + changed + unchanged + kept + left out. */
import { LIMITS } from '@ackord/core';
import type { RowProblem } from '../sqlite/read-file.ts';

export interface Counts {
  read: number;
  created: number;
  changed: number;
  unchanged: number;
  /** Rows of which some values did not win, because a later edit of them stands here, or they were deleted here. */
  kept: number;
  leftOut: number;
}

/** The first ones of all parts of an import; `count` are there in all. */
export class Problems {
  readonly list: RowProblem[] = [];
  count = 0;

  add(problem: RowProblem): void {
    this.count += 1;
    if (this.list.length < LIMITS.sqliteProblemsMax) this.list.push(problem);
  }
}

export class Tally {
  readonly name: string;
  readonly counts: Counts = { read: 0, created: 0, changed: 0, unchanged: 0, kept: 0, leftOut: 0 };
  readonly #problems: Problems;
  /** Where the tables are, if there is more than one place. */
  readonly #place: string;

  constructor(name: string, problems: Problems, place = '') {
    this.name = name;
    this.#problems = problems;
    this.#place = place;
  }

  read(rows: number): void {
    this.counts.read += rows;
  }

  count(outcome: Exclude<keyof Counts, 'read' | 'leftOut'>): void {
    this.counts[outcome] += 1;
  }

  /** A row that was read and can't be taken over. */
  leftOut(problem: RowProblem): void {
    this.counts.leftOut += 1;
    this.problem(problem);
  }

  /** Rows that could not even be read; the first of them are given, `count` there are. */
  unread(problems: readonly RowProblem[], count: number): void {
    // What is said of a whole table names no row.
    const rows = count - problems.filter(({ id }) => id === '').length;
    this.counts.read += rows;
    this.counts.leftOut += rows;
    for (const problem of problems) this.problem(problem);
    this.#problems.count += count - problems.length;
  }

  /** Something to look at that is not about one row. */
  problem({ table, id, reason }: RowProblem): void {
    const place = [this.#place, table].filter((part) => part !== '').join(' ');
    this.#problems.add({ table: place, id, reason });
  }
}
