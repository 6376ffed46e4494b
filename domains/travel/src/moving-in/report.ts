/**
 * What a run did, for a person to read. For every name: read = created + changed + unchanged + kept + left out; what was
 * deleted stands apart, since nobody read it over there.
 */
export interface Counts {
  /** Rows of the older server, and copies that were made of them. */
  read: number;
  /** Records that were made. */
  created: number;
  changed: number;
  unchanged: number;
  deleted: number;
  /** Rows that could not be taken over: each is among the problems, goes along with one of them, or is in a note. */
  leftOut: number;
  /** Rows of whose changes some did not win, because people had changed the same here. */
  kept: number;
}

export interface Problem {
  readonly table: string;
  readonly id: string;
  readonly reason: string;
}

/** Rows that wait for what they belong to. */
export interface LeftAlong {
  readonly table: string;
  readonly rows: number;
}

export interface MovingReport {
  readonly isDryRun: boolean;
  /** In the order in which they were read; by the names that people know. */
  readonly counts: ReadonlyMap<string, Counts>;
  /** The first ones; `problemCount` are there in all. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** Rows whose trip, memory, track or user is among the problems; a line per table, however many they are. */
  readonly along: readonly LeftAlong[];
  /** What was decided on the way: who got what belonged to nobody. */
  readonly notes: readonly string[];
}

const KEPT_PROBLEMS_MAX = 1_000;
/** What other rows belong to. */
const PARENTS: ReadonlySet<string> = new Set(['user', 'trip', 'memory', 'gpx_track']);

interface Place {
  readonly table: string;
  readonly id: string;
}

export class Report implements MovingReport {
  readonly isDryRun: boolean;
  readonly counts = new Map<string, Counts>();
  readonly problems: Problem[] = [];
  problemCount = 0;
  readonly #notes: string[] = [];
  readonly #tallies = new Map<string, { rows: number; readonly text: (rows: number) => string }>();
  readonly #along = new Map<string, number>();
  readonly #lost = new Map<string, Set<string>>();

  constructor(isDryRun: boolean) {
    this.isDryRun = isDryRun;
  }

  get notes(): readonly string[] {
    return [...this.#notes, ...[...this.#tallies.values()].map(({ rows, text }) => text(rows))];
  }

  get along(): readonly LeftAlong[] {
    return [...this.#along].map(([table, rows]) => ({ table, rows }));
  }

  of(name: string): Counts {
    const known = this.counts.get(name);
    if (known) return known;
    const counts = { read: 0, created: 0, changed: 0, unchanged: 0, deleted: 0, leftOut: 0, kept: 0 };
    this.counts.set(name, counts);
    return counts;
  }

  /** A row that is not here and does not come, for a reason of its own. */
  leftOut(name: string, problem: Problem, rows = 1): void {
    this.#lose(problem);
    this.refused(name, problem, rows);
  }

  /** Changes that were refused of a row that is here. */
  refused(name: string, problem: Problem, rows = 1): void {
    this.of(name).leftOut += rows;
    this.problem(problem);
  }

  /** A row that waits for what it belongs to. */
  goesAlong(name: string, place: Place, rows = 1): void {
    this.#lose(place);
    this.of(name).leftOut += rows;
    this.#along.set(place.table, (this.#along.get(place.table) ?? 0) + rows);
  }

  /** Something to look at that is not about one row of a type. */
  problem(problem: Problem): void {
    this.problemCount += 1;
    if (this.problems.length < KEPT_PROBLEMS_MAX) this.problems.push(problem);
  }

  /** It is there, and was left out in this run. */
  isLost(table: string, id: string | null): boolean {
    return id !== null && (this.#lost.get(table)?.has(id) ?? false);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  /** One note for all that have the same key. */
  tally(key: string, rows: number, text: (rows: number) => string): void {
    const known = this.#tallies.get(key);
    if (known) known.rows += rows;
    else if (rows > 0) this.#tallies.set(key, { rows, text });
  }

  #lose({ table, id }: Place): void {
    if (!PARENTS.has(table)) return;
    this.#lost.set(table, (this.#lost.get(table) ?? new Set<string>()).add(id.toLowerCase()));
  }
}
