/** What a run did, for a person to read. */
export interface Counts {
  /** Rows of the older server. */
  read: number;
  /** Records that were made. */
  created: number;
  changed: number;
  unchanged: number;
  deleted: number;
  /** Rows that could not be taken over; each is among the problems. */
  leftOut: number;
  /** Rows of whose changes some did not win, because people had changed the same here. */
  kept: number;
}

export interface Problem {
  readonly table: string;
  readonly id: string;
  readonly reason: string;
}

export interface MovingReport {
  readonly isDryRun: boolean;
  /** In the order in which they were read; by the names that people know. */
  readonly counts: ReadonlyMap<string, Counts>;
  /** The first ones; `problemCount` are there in all. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** What was decided on the way: who got what belonged to nobody. */
  readonly notes: readonly string[];
}

const KEPT_PROBLEMS_MAX = 1_000;

export class Report implements MovingReport {
  readonly isDryRun: boolean;
  readonly counts = new Map<string, Counts>();
  readonly problems: Problem[] = [];
  problemCount = 0;
  readonly notes: string[] = [];

  constructor(isDryRun: boolean) {
    this.isDryRun = isDryRun;
  }

  of(name: string): Counts {
    const known = this.counts.get(name);
    if (known) return known;
    const counts = { read: 0, created: 0, changed: 0, unchanged: 0, deleted: 0, leftOut: 0, kept: 0 };
    this.counts.set(name, counts);
    return counts;
  }

  leftOut(name: string, problem: Problem): void {
    this.of(name).leftOut += 1;
    this.problem(problem);
  }

  /** Something to look at that is not about one row of a type. */
  problem(problem: Problem): void {
    this.problemCount += 1;
    if (this.problems.length < KEPT_PROBLEMS_MAX) this.problems.push(problem);
  }

  note(text: string): void {
    this.notes.push(text);
  }
}
