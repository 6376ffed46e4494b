/** A device that only reads: follows the feed page by page, and checks on the way that no child precedes its parent. */
import { expect } from 'vitest';
import { LISTS, type Loose, NEVER, type Person } from './ground.ts';

export interface Replica {
  /** `list/id` → the record. */
  readonly records: ReadonlyMap<string, Loose>;
  /** Everything that came, in order, as `list/id`; a deletion as `-list/id`. */
  readonly arrivals: readonly string[];
  readonly cursor: string | null;
  /** Reads on to the end of what there is. Gives back the pages. */
  sync(): Promise<Loose[]>;
}

const PARENTS: Record<string, readonly [field: string, list: string]> = {
  memories: ['tripId', 'trips'],
  mediaItems: ['memoryId', 'memories'],
  gpxTracks: ['tripId', 'trips'],
};

export function replicaOf(
  person: Person,
  args: { batchSize?: number; entityTypes?: string[] } = {},
): Replica {
  const records = new Map<string, Loose>();
  const arrivals: string[] = [];
  let cursor: string | null = null;

  const apply = (page: Loose): void => {
    if (page.fullResyncRequired) records.clear();
    for (const list of LISTS) {
      for (const record of page[list]) {
        records.set(`${list}/${record.id}`, record);
        arrivals.push(`${list}/${record.id}`);
      }
    }
    for (const list of LISTS) {
      for (const record of page[list]) expectParent(list, record);
      for (const id of page.deleted[list]) {
        records.delete(`${list}/${id}`);
        arrivals.push(`-${list}/${id}`);
      }
    }
  };
  const expectParent = (list: string, record: Loose): void => {
    const [field, parents] = PARENTS[list] ?? [];
    if (!field || args.entityTypes) return;
    expect([...records.keys()], `${list} ${record.id} came before its parent`).toContain(
      `${parents}/${record[field]}`,
    );
  };

  return {
    records,
    arrivals,
    get cursor() {
      return cursor;
    },
    async sync() {
      const pages: Loose[] = [];
      do {
        const page: Loose = await person.pull({ since: NEVER, cursor, ...args });
        apply(page);
        cursor = page.nextCursor;
        pages.push(page);
      } while (pages.at(-1).hasMore);
      return pages;
    },
  };
}
