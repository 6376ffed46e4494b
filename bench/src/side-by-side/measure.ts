/**
 * The process that measures: one ground with one peer, `measure.ts <peer> <ground> <small|full>`. Tells its parent of
 * each step as it ends, and ends with all that it started.
 */
import { rm } from 'node:fs/promises';
import type { RunningPeer } from '../peers/peer.ts';
import { makeFolder } from '../server.ts';
import { firstSync, pushInBulk } from './bulk.ts';
import { findPeer, isMissingPackage } from './find-peers.ts';
import type { Ground } from './ground.ts';
import { toLiveDevices } from './live.ts';
import { reasonOf, type StepOutcome, within } from './outcome.ts';
import { singleChanges } from './single.ts';
import { FULL, GROUND_NAMES, type GroundName, type Sizes, SMALL, type Step } from './workload.ts';

const START_MS_MAX = 120_000;
const STEP_MS_MAX = 120_000;
const LARGE_STEP_MS_MAX = 300_000;
const STOP_MS_MAX = 20_000;

/** What is told to the parent. */
export type Told =
  | ({ readonly type: 'step' } & StepOutcome)
  | { readonly type: 'not installed' }
  | { readonly type: 'not started'; readonly reason: string };

const GROUNDS: Readonly<Record<GroundName, (ground: Ground, sizes: readonly number[]) => Promise<void>>> = {
  bulk: pushInBulk,
  first: firstSync,
  live: toLiveDevices,
  single: singleChanges,
};

/** Already told: nothing more to say of it. */
class StepFailed extends Error {}

const tell = (told: Told): Promise<void> =>
  new Promise((resolve) => {
    if (process.send) process.send(told, () => resolve());
    else resolve();
  });

async function measureStep(step: Step, work: Promise<StepOutcome['outcome']>): Promise<void> {
  const limitMs = step.size >= 10_000 ? LARGE_STEP_MS_MAX : STEP_MS_MAX;
  try {
    await tell({ type: 'step', ...step, outcome: await within(limitMs, 'the whole step', work) });
  } catch (cause) {
    await tell({ type: 'step', ...step, outcome: { kind: 'failed', reason: reasonOf(cause) } });
    throw new StepFailed();
  }
}

async function main(key: string, name: GroundName, sizes: Sizes, brief: boolean): Promise<void> {
  const folder = await makeFolder();
  let running: RunningPeer | null = null;
  try {
    const found = await findPeer(key);
    if (!found?.peer) return await tell({ type: 'not installed' });
    running = await within(START_MS_MAX, 'the start', found.peer.start(folder));
    const measure: Ground['measure'] = (step, work) =>
      measureStep(
        step,
        work().then((figures) => ({ kind: 'measured', ...figures })),
      );
    await GROUNDS[name]({ running, brief, measure }, sizes[name]);
  } catch (cause) {
    if (isMissingPackage(cause)) await tell({ type: 'not installed' });
    else if (!(cause instanceof StepFailed)) await tell({ type: 'not started', reason: reasonOf(cause) });
  } finally {
    await within(STOP_MS_MAX, 'the end', running?.stop() ?? Promise.resolve()).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

const [key, name, size] = process.argv.slice(2);
const ground = GROUND_NAMES.find((known) => known === name);
if (key === undefined || ground === undefined) throw new Error('measure.ts <peer> <ground> <small|full>');
// What a library of a peer lets slip must not end the measurement: the step finds out by itself that something is missing.
process.on('unhandledRejection', () => {});
// Whoever waited for this is gone: everything that was started here goes as well.
process.on('disconnect', () => process.kill(-process.pid, 'SIGTERM'));
await main(key, ground, size === 'small' ? SMALL : FULL, size === 'small');
process.exit(0);
