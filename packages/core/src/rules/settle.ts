/**
 * Settling a race between the server's side and the client's by a strategy: who wins, or that a person must decide.
 */
import type { EntityType } from '../schema/define-entity.ts';
import { laterEditWins } from './clock.ts';
import type { Change, Stamp } from './record.ts';
import type { ConflictStrategy } from './strategies.ts';

/** `person`: the server's side stays until somebody decides. `both`: the client's side becomes a second record. */
export type Settlement = 'server' | 'client' | 'person' | 'both';

export function settle(
  strategy: ConflictStrategy,
  server: Pick<Stamp, 'time' | 'change'> & { readonly version?: number },
  change: Change,
): Settlement {
  switch (strategy) {
    case 'LAST_WRITE_WINS':
      return laterEditWins({
        serverTime: server.time,
        clientTime: change.time,
        blind: change.base === null,
        creates: change.operation === 'CREATE',
        isNew: server.version === 1,
        serverChangeId: server.change,
        clientChangeId: change.changeId,
      });
    case 'FIRST_WRITE_WINS':
      return 'server';
    case 'MANUAL_RESOLUTION':
      return 'person';
    case 'KEEP_BOTH':
      return 'both';
  }
}

/** Can the client's version live on as a second record? A scope's root can't, nor can a value that must be unique. */
export function canKeepBoth(type: EntityType): boolean {
  return typeof type.scope !== 'object' && (type.unique === undefined || type.unique.rename !== undefined);
}

/** The strategy of a merge group, else of the type, else the server's; where keeping both can't be, a person decides. */
export function strategyOf(
  type: EntityType,
  group: string | null,
  fallback: ConflictStrategy,
): ConflictStrategy {
  const own = group === null ? undefined : type.merge?.[group];
  const strategy = (typeof own === 'string' ? own : undefined) ?? type.strategy ?? fallback;
  return strategy === 'KEEP_BOTH' && (group === null || !canKeepBoth(type)) ? 'MANUAL_RESOLUTION' : strategy;
}
