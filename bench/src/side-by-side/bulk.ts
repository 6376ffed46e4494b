/** W1: many new records at once. W2: a new device gets all. W4: a device that was away gets what it missed. */
import type { BenchRecord, PeerClient } from '../peers/peer.ts';
import { type Ground, load, ofRuns } from './ground.ts';
import { Failed, within } from './outcome.ts';
import { edited, newRecords } from './records.ts';

const RUNS = 3;
const MISSED = 100;
/** Pushes of 500 before the first one that counts: servers run for days, and what begins is slower, with all peers. */
const WARM_UP = 20;
const WARM_UP_BRIEF = 4;
const WARM_UP_MS_MAX = 120_000;

async function warmUp(client: PeerClient, pushes: number): Promise<void> {
  for (let nth = 0; nth < pushes; nth++) await client.push(newRecords(500));
}

export async function pushInBulk(ground: Ground, sizes: readonly number[]): Promise<void> {
  const { running, brief } = ground;
  const client = await running.connect();
  await within(WARM_UP_MS_MAX, 'warming up', warmUp(client, brief ? WARM_UP_BRIEF : WARM_UP));
  for (const size of sizes)
    await ground.measure({ workload: 'W1', size }, async () => {
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const records = newRecords(size);
        const started = performance.now();
        await client.push(records);
        times.push(performance.now() - started);
      }
      return ofRuns(running, times, size);
    });
  await client.close();
}

export async function firstSync(ground: Ground, sizes: readonly number[]): Promise<void> {
  const { running } = ground;
  const writer = await running.connect();
  const records: BenchRecord[] = [];
  let device: PeerClient | null = null;
  for (const size of sizes)
    await ground.measure({ workload: 'W2', size }, async () => {
      await load(writer, records, size);
      // One that does not count: what begins is slower, with all peers.
      await device?.close();
      device = await running.connect();
      await device.pull();
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        await device?.close();
        device = await running.connect();
        times.push(await timedPull(device, records.length));
      }
      return ofRuns(running, times, records.length);
    });
  const away = device ?? (await running.connect());
  await ground.measure({ workload: 'W4', size: records.length }, () =>
    missed(ground, { writer, away, records }),
  );
  await Promise.all([writer.close(), away.close()]);
}

async function missed(
  { running }: Ground,
  { writer, away, records }: { writer: PeerClient; away: PeerClient; records: readonly BenchRecord[] },
): ReturnType<typeof ofRuns> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const step = Math.floor(records.length / MISSED);
    const changed = Array.from({ length: MISSED }, (_, at) => records[at * step + run] as BenchRecord);
    for (const record of changed) await writer.change(edited(record));
    times.push(await timedPull(away, MISSED));
  }
  return ofRuns(running, times, MISSED);
}

async function timedPull(device: PeerClient, expected: number): Promise<number> {
  const started = performance.now();
  const count = await device.pull();
  const ms = performance.now() - started;
  if (count !== expected) throw new Failed(`${count} records came instead of ${expected}`);
  return ms;
}
