/** A submission falls apart into units: tasks whose scopes hang together stay together, in their order. */
import { LIMITS, type Registry } from '@ackord/core';
import type { Guess } from './place.ts';
import type { ChangeTask, Unit } from './unit.ts';

/** Units without their `done`. Tasks of one transaction group always share a unit. */
export function unitsOf(
  registry: Registry,
  tasks: readonly ChangeTask[],
  { scopesOf, isRemembered }: Pick<Guess, 'scopesOf' | 'isRemembered'>,
): Omit<Unit, 'done'>[] {
  const leader = new Map<string, string>();
  const find = (name: string): string => {
    const above = leader.get(name);
    if (above === undefined || above === name) return name;
    const top = find(above);
    leader.set(name, top);
    return top;
  };
  const scopes = tasks.map((task) => scopesOf(task));
  tasks.forEach((task, at) => {
    const names = [
      ...(scopes[at] ?? []),
      ...(task.transaction === null ? [] : [`transaction ${task.transaction}`]),
    ];
    for (const name of names) leader.set(find(name), find(names[0] ?? name));
  });
  const parts = new Map<
    string,
    { tasks: ChangeTask[]; scopes: Set<string>; bytes: number; alone: boolean }
  >();
  tasks.forEach((task, at) => {
    const [first] = scopes[at] ?? [];
    const name = find(first ?? '');
    const part = parts.get(name) ?? { tasks: [], scopes: new Set<string>(), bytes: 0, alone: false };
    parts.set(name, part);
    part.tasks.push(task);
    part.bytes += task.bytes;
    part.alone ||= part.tasks.length > LIMITS.batchChangesMax || cascades(registry, task);
    for (const scope of scopes[at] ?? []) part.scopes.add(scope);
  });
  return [...parts.values()].map((part) => ({
    ...part,
    isRemembered,
    queuedAt: 0,
    skips: 0,
    replacings: 0,
    committedAt: 0,
  }));
}

const cascades = (registry: Registry, { change }: ChangeTask): boolean =>
  change.operation === 'DELETE' && registry.type(change.type).children.length > 0;
