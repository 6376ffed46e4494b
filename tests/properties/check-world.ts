/** A whole run: the plan, the quiet after it, and every invariant. */
import { checkDeletions } from './invariants/deletions.ts';
import { checkGroups } from './invariants/groups.ts';
import { checkJournal } from './invariants/journal.ts';
import { checkLog } from './invariants/log.ts';
import { checkPrivacy } from './invariants/privacy.ts';
import { checkReceipts, checkWaiting, repeatEverything } from './invariants/receipts.ts';
import { checkReplicas } from './invariants/replicas.ts';
import type { Plan } from './steps.ts';
import { Violation } from './violation.ts';
import { type Ground, World } from './world.ts';

export async function runAndCheck(plan: Plan, ground: Ground): Promise<World> {
  const world = new World(plan, ground);
  try {
    await world.run();
    await world.becomeQuiet();
    await checkAll(world);
    return world;
  } finally {
    await world.close();
  }
}

async function checkAll(world: World): Promise<void> {
  const truth = await world.readTruth();
  checkLog(truth);
  checkReceipts(world, truth);
  await checkWaiting(world, truth);
  checkGroups(world, truth);
  await checkReplicas(world, truth);
  checkDeletions(world, truth);
  checkJournal(world, truth);
  checkPrivacy(world, truth);
  await repeatEverything(world, truth);
  const [defect] = world.observer.defects;
  if (defect !== undefined) throw new Violation('DEFECT', defect);
}
