/** W3: a record is changed, and all live devices hear of it. */
import { percentile, rounded } from '../result.ts';
import { connectMany, type Ground } from './ground.ts';
import { Failed, type Figures } from './outcome.ts';
import { newRecord } from './records.ts';

const DELIVERIES = 20_000;
const ROUNDS_MIN = 10;
const ROUNDS_MAX = 50;
const WARM_UP = 10;
const DELIVERY_MS_MAX = 20_000;
/** Between two changes: it is measured how soon one arrives, not how many a second can. */
const PAUSE_MS = 250;

/** What the listeners wait for at the moment. */
class Round {
  readonly times: number[] = [];
  readonly done: Promise<void>;
  readonly #id: string;
  readonly #expected: number;
  readonly #started = performance.now();
  #finish: () => void = () => {};

  constructor(id: string, expected: number) {
    this.#id = id;
    this.#expected = expected;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  hear(id: string): void {
    if (id !== this.#id) return;
    this.times.push(performance.now() - this.#started);
    if (this.times.length === this.#expected) this.#finish();
  }
}

export async function toLiveDevices(ground: Ground, sizes: readonly number[]): Promise<void> {
  const { running } = ground;
  const writer = await running.connect();
  await writer.push(Array.from({ length: 100 }, newRecord));
  let round: Round | null = null;
  let open = 0;
  const one = async (): Promise<readonly number[]> => {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const record = newRecord();
    round = new Round(record.id, open);
    await writer.change(record);
    const late = new Promise((resolve) => setTimeout(resolve, DELIVERY_MS_MAX).unref());
    await Promise.race([round.done, late]);
    const missing = open - round.times.length;
    if (missing > 0)
      throw new Failed(
        `${missing} of ${open} devices had not heard of a change after ${DELIVERY_MS_MAX / 1000} s`,
      );
    return round.times;
  };
  for (const size of sizes)
    await ground.measure({ workload: 'W3', size }, async (): Promise<Figures> => {
      await connectMany(running, size - open, (client) => client.listen((id) => round?.hear(id)));
      open = size;
      for (let nth = 0; nth < WARM_UP; nth++) await one();
      const times: number[] = [];
      const rounds = Math.max(ROUNDS_MIN, Math.min(ROUNDS_MAX, DELIVERIES / size));
      for (let nth = 0; nth < rounds; nth++) for (const time of await one()) times.push(time);
      return {
        ms: rounded(percentile(times, 0.5)),
        p95_ms: rounded(percentile(times, 0.95)),
        p99_ms: rounded(percentile(times, 0.99)),
        per_s: null,
        runs: rounds,
        memory_mb: Math.round(await running.memory()),
      };
    });
}
