/**
 * The workloads, what of each is compared, and in which sizes they run. A ground is what runs on one server, begun anew:
 * its steps go from small to large.
 */

export type WorkloadName = 'W1' | 'W2' | 'W3' | 'W4' | 'W5';

/** Which figure is compared: of `per_s` more is better, of the others less. */
export type Compared = 'ms' | 'p99_ms' | 'per_s';

export interface Workload {
  readonly title: string;
  readonly compared: Compared;
  readonly explained: string;
}

export const WORKLOADS: Readonly<Record<WorkloadName, Workload>> = {
  W1: {
    title: 'push in bulk',
    compared: 'ms',
    explained:
      'One device has so many new records and sends them the way that the peer means it for many; until all are acknowledged.',
  },
  W2: {
    title: 'first sync',
    compared: 'ms',
    explained: 'A new device gets all records, parsed; from its question to the last of them.',
  },
  W3: {
    title: 'one change to all live devices',
    compared: 'p99_ms',
    explained:
      'So many devices are online and one more changes a record, four times a second at most. From sending to each ' +
      'delivery, so the commit is in it; ' +
      'all devices live in one process, which has to read and parse all that they get.',
  },
  W4: {
    title: 'what was missed',
    compared: 'ms',
    explained:
      'A device that had all records before, and is connected again, gets the 100 that have changed since.',
  },
  W5: {
    title: 'single changes',
    compared: 'per_s',
    explained:
      'So many devices are connected and each of them sends one change after the other, the next one when the last is acknowledged.',
  },
};

export interface Step {
  readonly workload: WorkloadName;
  readonly size: number;
}

export const GROUND_NAMES = ['bulk', 'first', 'live', 'single'] as const;
export type GroundName = (typeof GROUND_NAMES)[number];

export type Sizes = Readonly<Record<GroundName, readonly number[]>>;

export const FULL: Sizes = {
  bulk: [1_000, 10_000],
  first: [10_000, 100_000],
  live: [100, 1_000, 10_000],
  single: [50, 1_000, 10_000],
};

/** For trying the code. */
export const SMALL: Sizes = { bulk: [100, 1_000], first: [1_000, 5_000], live: [10, 100], single: [10, 100] };

/** W4 follows on the largest W2, with its records. */
export function stepsOf(ground: GroundName, sizes: Sizes): Step[] {
  const of = (workload: WorkloadName): Step[] => sizes[ground].map((size) => ({ workload, size }));
  switch (ground) {
    case 'bulk':
      return of('W1');
    case 'first':
      return [...of('W2'), { workload: 'W4', size: sizes.first.at(-1) ?? 0 }];
    case 'live':
      return of('W3');
    case 'single':
      return of('W5');
  }
}

export const sameStep = (a: Step, b: Step): boolean => a.workload === b.workload && a.size === b.size;
