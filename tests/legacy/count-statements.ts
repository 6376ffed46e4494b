/** Counts what really goes to PostgreSQL from this process: every statement that the driver executes, on any connection. */
import pg from 'pg';

interface Wire {
  execute(...args: unknown[]): unknown;
  query(...args: unknown[]): unknown;
}

let count = 0;
const wire = pg.Connection.prototype as unknown as Wire;
const { execute, query } = wire;
wire.execute = function (this: Wire, ...args) {
  count += 1;
  return execute.call(this, ...args);
};
wire.query = function (this: Wire, ...args) {
  count += 1;
  return query.call(this, ...args);
};

/** The fewest statements of some runs: what the server does by itself every now and then is in none, or in one. */
export async function statementsOf(work: () => Promise<unknown>, runs = 3): Promise<number> {
  const counts: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const before = count;
    await work();
    counts.push(count - before);
  }
  return Math.min(...counts);
}
