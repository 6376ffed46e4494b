/** The results as text: a block for each step, durable peers first, each with its ratio to Ackord. */
import type { PeerResult, StepOutcome } from './outcome.ts';
import { type Compared, type Step, sameStep, WORKLOADS } from './workload.ts';

export const REFERENCE = 'ackord';

/** How many times better Ackord is in this run; below 1: the other one is. null: one of them has no figure. */
export function ratioToAckord(peers: readonly PeerResult[], peer: PeerResult, step: Step): number | null {
  const { compared } = WORKLOADS[step.workload];
  const mine = figureOf(
    outcomeOf(
      peers.find(({ key }) => key === REFERENCE),
      step,
    ),
    compared,
  );
  const theirs = figureOf(outcomeOf(peer, step), compared);
  if (mine === null || theirs === null || mine === 0 || theirs === 0) return null;
  const ratio = compared === 'per_s' ? mine / theirs : theirs / mine;
  return Number(ratio.toPrecision(3));
}

export const outcomeOf = (peer: PeerResult | undefined, step: Step): StepOutcome['outcome'] | undefined =>
  peer?.steps.find((one) => sameStep(one, step))?.outcome;

export function figureOf(outcome: StepOutcome['outcome'] | undefined, compared: Compared): number | null {
  return outcome?.kind === 'measured' ? outcome[compared] : null;
}

/** Those that keep what they acknowledge, and the others. */
export function apart(peers: readonly PeerResult[]): {
  readonly durable: readonly PeerResult[];
  readonly inMemory: readonly PeerResult[];
} {
  const installed = peers.filter((peer) => peer.installed);
  return {
    durable: installed.filter(({ durability }) => durability !== 'memory'),
    inMemory: installed.filter(({ durability }) => durability === 'memory'),
  };
}

/** All steps that anybody was asked for, each once, in their order. */
export function stepsIn(peers: readonly PeerResult[]): Step[] {
  const steps: Step[] = [];
  for (const { workload, size } of peers.flatMap((peer) => peer.steps))
    if (!steps.some((step) => sameStep(step, { workload, size }))) steps.push({ workload, size });
  return steps.sort((a, b) => a.workload.localeCompare(b.workload) || a.size - b.size);
}

export function tableOf(peers: readonly PeerResult[]): string {
  const lines: string[] = [];
  const { durable, inMemory } = apart(peers);
  for (const step of stepsIn(peers)) {
    const { title, compared } = WORKLOADS[step.workload];
    lines.push('', `${step.workload}  ${title}, ${step.size.toLocaleString('en')} (compared: ${compared})`);
    for (const peer of durable) lines.push(line(peers, peer, step));
    if (inMemory.length > 0) lines.push('  in memory only:');
    for (const peer of inMemory) lines.push(line(peers, peer, step));
  }
  const missing = peers.filter(({ installed }) => !installed).map(({ key }) => key);
  if (missing.length > 0) lines.push('', `Not installed (npm run bench:peers): ${missing.join(', ')}`);
  return lines.join('\n');
}

function line(peers: readonly PeerResult[], peer: PeerResult, step: Step): string {
  const outcome = outcomeOf(peer, step);
  const name = `  ${peer.name.padEnd(30)} ${(peer.durability ?? '').padEnd(6)}`;
  if (outcome?.kind !== 'measured')
    return `${name} ${outcome?.kind ?? 'not tried'}: ${outcome?.reason ?? ''}`;
  const columns = [
    `${outcome.ms} ms`.padStart(12),
    `p99 ${outcome.p99_ms ?? '–'}`.padStart(14),
    `${outcome.per_s ?? '–'}/s`.padStart(11),
    `${outcome.memory_mb} MB`.padStart(8),
    `× ${ratioToAckord(peers, peer, step) ?? '–'}`.padStart(9),
  ];
  return `${name} ${columns.join(' ')}`;
}
