/** What the older app has on its phone, and how it changes: by its user, and by what a sync brings. */
import type { Loose } from '../../gaps/ground.ts';
import type { ListName } from '../documents.ts';
import { APPLY_ORDER, keptOf, type OldRow, parentIdOf } from './old-types.ts';

interface Deletion {
  readonly list: ListName;
  readonly id: string;
}

const SLACK_MS = 1_000;

export class OldRows {
  /** How wrong the phone's clock is. */
  readonly #clockOffsetMs: number;
  rows: OldRow[] = [];
  /** Still to be told to the server. */
  deletions: Deletion[] = [];
  readonly figures = { skipped: 0, missed: 0 };

  constructor(clockOffsetMs: number) {
    this.#clockOffsetMs = clockOffsetMs;
  }

  add(list: ListName, fields: Record<string, unknown>, parent: OldRow | null): OldRow {
    const row: OldRow = {
      list,
      id: null,
      fields,
      parent,
      updatedAt: this.#now(),
      needsUpload: true,
      edited: new Set(),
      cleared: new Set(),
      missed: false,
    };
    this.rows.push(row);
    return row;
  }

  edit(row: OldRow, field: string, value: unknown): void {
    row.fields = { ...row.fields, [field]: value };
    if (value === null) row.cleared.add(field);
    else {
      row.cleared.delete(field);
      row.edited.add(field);
    }
    row.updatedAt = this.#now();
    row.needsUpload = true;
  }

  remove(row: OldRow): void {
    for (const child of this.rows.filter(({ parent, list }) => parent === row && list !== 'tags'))
      this.#drop(child);
    this.#drop(row);
    if (row.id !== null) this.deletions.push({ list: row.list, id: row.id });
  }

  /** Two tags of one name turn out to be one. */
  join(holder: OldRow, row: OldRow): void {
    const own = Object.entries(row.fields).filter(([, value]) => value !== null);
    holder.fields = { ...holder.fields, ...Object.fromEntries(own) };
    holder.updatedAt = row.updatedAt;
    for (const child of this.rows) if (child.parent === row) child.parent = holder;
    this.#drop(row);
  }

  /** An answer of the sync: deletions first, then rows that are newer than its own. */
  apply(answer: Loose): void {
    for (const list of APPLY_ORDER) {
      const gone = new Set<string>(answer.deleted[list]);
      for (const row of this.rows.filter((one) => one.list === list && one.id !== null && gone.has(one.id)))
        this.#drop(row);
    }
    for (const list of APPLY_ORDER) for (const server of answer[list]) this.#upsert(list, server);
    // A tag comes before its category.
    for (const { id, categoryId } of answer.tags) {
      const row = this.rows.find((one) => one.list === 'tags' && one.id === id);
      if (row && row.parent === null && !row.needsUpload && !row.missed)
        row.parent = this.rows.find((one) => one.list === 'tagCategories' && one.id === categoryId) ?? null;
    }
  }

  #upsert(list: ListName, server: Loose): void {
    const own = this.rows.find((row) => row.list === list && row.id === server.id);
    const stamp = Date.parse(server.updatedAt);
    if (own && stamp <= own.updatedAt) {
      this.figures.skipped += 1;
      // Its own clock is ahead of what the server says: that is the app's fault, and nobody can mend it.
      if (stamp < own.updatedAt && own.updatedAt > Date.now() - SLACK_MS) {
        own.missed = true;
        this.figures.missed += 1;
      }
      return;
    }
    const parentId = parentIdOf(list, server);
    const parent = this.rows.find((row) => row.id !== null && row.id === parentId) ?? null;
    const row = own ?? this.add(list, {}, parent);
    Object.assign(row, {
      id: server.id,
      fields: keptOf(list, server),
      parent,
      updatedAt: stamp,
      needsUpload: false,
      missed: false,
    });
    row.edited.clear();
    row.cleared.clear();
  }

  #drop(row: OldRow): void {
    this.rows = this.rows.filter(
      (other) => other !== row && !(other.parent === row && other.id === null && other.list !== 'tags'),
    );
    for (const child of this.rows) {
      if (child.parent !== row || child.list !== 'tags') continue;
      child.parent = null;
    }
  }

  #now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  forget(deletion: Deletion): void {
    this.deletions = this.deletions.filter((other) => other !== deletion);
  }
}
