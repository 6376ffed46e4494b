/** The part of docs/benchmarks.md that compares: who they are, then a chart and a table for each workload. */
import { LEFT_OUT, type LeftOut } from '../peers/left-out.ts';
import type { Kept } from '../result.ts';
import type { PeerResult } from '../side-by-side/outcome.ts';
import { apart, figureOf, outcomeOf, REFERENCE, ratioToAckord, stepsIn } from '../side-by-side/table.ts';
import { type Step, WORKLOADS, type Workload, type WorkloadName } from '../side-by-side/workload.ts';
import { type Bar, barChart, type Group } from './bar-chart.ts';
import { DURABILITY, KEPT, machineWords, milliseconds, number, table } from './words.ts';

export interface Section {
  readonly text: string;
  /** By file name. */
  readonly charts: ReadonlyMap<string, string>;
}

export function peersSection({ machine, results }: Kept<PeerResult>): Section {
  const { durable, inMemory } = apart(results);
  const shown = [...durable, ...inMemory];
  const charts = new Map<string, string>();
  const parts = [
    '## Side by side',
    '',
    `Measured in one run: ${machineWords(machine)}. Server, its database and all devices share this machine; the devices are ` +
      'in a process of their own. Each group of steps begins with a server that was started anew. Records have about 400 bytes.',
    '',
    who(shown),
  ];
  const missing = results.filter(({ installed }) => !installed).map(({ name }) => name);
  if (missing.length > 0) parts.push('', `Not installed when this was measured: ${missing.join(', ')}.`);
  if (LEFT_OUT.length > 0) parts.push('', 'Left out:', '', ...LEFT_OUT.map(leftOut));
  const steps = stepsIn(results);
  for (const workload of Object.keys(WORKLOADS) as WorkloadName[]) {
    const own = steps.filter((step) => step.workload === workload);
    if (own.length === 0) continue;
    const file = `${workload.toLowerCase()}.svg`;
    const about = WORKLOADS[workload];
    charts.set(file, chartOf(about, own, results));
    parts.push('', `### ${workload}: ${about.title}`, '', about.explained, '');
    parts.push(`![${about.title}](benchmarks/${file})`);
    for (const step of own) parts.push('', tableOf(step, about, results, shown));
  }
  return { text: parts.join('\n'), charts };
}

const leftOut = ({ name, version, reason }: LeftOut): string => `- ${name} ${version}: ${reason}`;

function who(peers: readonly PeerResult[]): string {
  const rows = peers.map(({ name, version, durability, differences }) => [
    version === '' ? name : `${name} (${version})`,
    durability === null ? '' : DURABILITY[durability],
    differences,
  ]);
  return table(['', 'a change is', 'what differs'], rows).replaceAll('--:', '---');
}

const COMPARED = {
  ms: 'time, less is better',
  p99_ms: 'p99, less is better',
  per_s: 'acknowledged changes per second, more is better',
} as const;

function chartOf(workload: Workload, steps: readonly Step[], peers: readonly PeerResult[]): string {
  const { durable, inMemory } = apart(peers);
  const groups = steps.map(
    (step): Group => ({
      title: sizeWords(step),
      bars: [...durable, ...inMemory].map((peer) => barOf(peer, step, workload, peers)),
    }),
  );
  return barChart(`${workload.title} – ${COMPARED[workload.compared]}`, groups);
}

function barOf(peer: PeerResult, step: Step, { compared }: Workload, peers: readonly PeerResult[]): Bar {
  const outcome = outcomeOf(peer, step);
  const value = figureOf(outcome, compared);
  const label = peer.durability === 'memory' ? `${peer.name} (memory)` : peer.name;
  const tone = peer.key === REFERENCE ? 'ours' : peer.durability === 'memory' ? 'memory' : 'other';
  if (value === null) {
    const why = outcome && outcome.kind !== 'measured' ? outcome.reason : 'not measured';
    return { label, value, text: why, tone };
  }
  const figure = compared === 'per_s' ? `${number(value)}/s` : milliseconds(value);
  const ratio = ratioToAckord(peers, peer, step);
  const text = ratio === null || peer.key === REFERENCE ? figure : `${figure}  (× ${number(ratio)})`;
  return { label, value, text, tone };
}

function sizeWords({ workload, size }: Step): string {
  const count = size.toLocaleString('en');
  switch (workload) {
    case 'W1':
    case 'W2':
      return `${count} records`;
    case 'W3':
    case 'W5':
      return `${count} devices`;
    case 'W4':
      return `100 changed of ${count} records`;
  }
}

function tableOf(
  step: Step,
  { compared }: Workload,
  all: readonly PeerResult[],
  peers: readonly PeerResult[],
): string {
  const withP99 = compared !== 'ms';
  const withRate = compared !== 'p99_ms';
  const heads = [
    `${step.workload}, ${sizeWords(step)}`,
    'kept',
    withP99 ? 'p50' : 'time',
    ...(withP99 ? ['p99'] : []),
    ...(withRate ? ['per s'] : []),
    'server MB',
    'Ackord ahead by',
  ];
  const rows = peers.map((peer) => {
    const kept = peer.durability === null ? '' : KEPT[peer.durability];
    const outcome = outcomeOf(peer, step);
    if (outcome?.kind !== 'measured')
      return [`${peer.name}: ${outcome?.reason ?? 'not measured'}`, kept, ...heads.slice(2).map(() => '–')];
    const { ms, p99_ms, per_s, memory_mb } = outcome;
    const ratio = peer.key === REFERENCE ? null : ratioToAckord(all, peer, step);
    return [
      peer.name,
      kept,
      milliseconds(ms),
      ...(withP99 ? [p99_ms === null ? '–' : milliseconds(p99_ms)] : []),
      ...(withRate ? [per_s === null ? '–' : number(per_s)] : []),
      number(memory_mb),
      ratio === null ? '–' : `× ${number(ratio)}`,
    ];
  });
  return table(heads, rows);
}
