/**
 * The app in the field, with its real rules: it uploads what needs it, one mutation a row, in its fixed order; then
 * deletions; then one sync, deletions first, rows that are not newer than its own skipped. It keeps the moment of the
 * last sync that arrived, leaves out what is null, retries creations whose answer was lost, and trusts its own clock.
 */
import { type Ground, type Loose, NEVER } from '../../gaps/ground.ts';
import { appDocument, type ListName, textOf } from '../documents.ts';
import { type Account, signIn } from '../phone.ts';
import { type Line, LostAnswer } from './line.ts';
import { keyOf, type Observer, type Writer } from './observer.ts';
import {
  APPLY_ORDER,
  inputOf,
  keptOf,
  meantBy,
  OLD_TYPES,
  type OldRow,
  parentIdOf,
  UPLOAD_ORDER,
} from './old-types.ts';

const WIRE = 'nested';
/** With the versions of its rows, by which the observer knows what the app was given. */
const SYNC = textOf(
  {
    ...appDocument('Sync'),
    selection: appDocument('Sync').selection.replaceAll('updatedAt', 'updatedAt syncVersion'),
  },
  WIRE,
);

interface Deletion {
  readonly list: ListName;
  readonly id: string;
}

export class OldClient implements Writer {
  readonly name: string;
  readonly userId: string;
  readonly #account: Account;
  readonly #ground: Ground;
  readonly #line: Line;
  readonly #observer: Observer;
  /** How wrong the phone's clock is. */
  readonly #clockOffsetMs: number;
  readonly #versions = new Map<string, number>();
  #token = '';
  #lastSyncedAt = NEVER;
  rows: OldRow[] = [];
  #deletions: Deletion[] = [];
  /** Ids of records that the app has uploaded once more, and knows no longer. */
  readonly forgotten = new Set<string>();
  readonly figures = { uploads: 0, syncs: 0, skipped: 0, missed: 0 };

  constructor(
    name: string,
    user: Account & { readonly userId: string },
    around: { readonly ground: Ground; readonly line: Line; readonly observer: Observer },
    clockOffsetMs: number,
  ) {
    this.name = name;
    this.userId = user.userId;
    this.#account = user;
    this.#ground = around.ground;
    this.#line = around.line;
    this.#observer = around.observer;
    this.#clockOffsetMs = clockOffsetMs;
  }

  known(key: string): number {
    return this.#versions.get(key) ?? 0;
  }

  get isQuiet(): boolean {
    return this.#deletions.length === 0 && this.rows.every((row) => !row.needsUpload);
  }

  /** A new token, as after seven days. All that the app has stays. */
  async signIn(): Promise<void> {
    this.#token = (await signIn(this.#ground, this.#account)).token;
  }

  // ---- what its user does

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
    if (row.id !== null) this.#deletions.push({ list: row.list, id: row.id });
  }

  // ---- the cycle

  async cycle(): Promise<void> {
    await this.#upload();
    await this.#sendDeletions();
    await this.#download();
  }

  async #upload(): Promise<void> {
    for (const list of UPLOAD_ORDER) {
      for (const row of this.rows.filter((one) => one.list === list && one.needsUpload)) {
        // What goes wrong with one row is forgotten, and the next one is sent; it comes again in the next cycle.
        if (this.rows.includes(row)) await arriving(() => this.#send(row));
      }
    }
  }

  async #send(row: OldRow): Promise<void> {
    const type = OLD_TYPES[row.list];
    const isUpdate = row.id !== null && type.update !== null;
    const meant = meantBy(row, isUpdate);
    const input = inputOf(row, isUpdate);
    this.figures.uploads += 1;
    const answer = isUpdate
      ? await this.#ask(type.update ?? '', { id: row.id, input })
      : await this.#ask(type.create, { input });
    if (answer.errors.length > 0) return;
    const made: Loose = Object.values(answer.data)[0];
    await this.#observer.claim(this, keyOf(type.entity, made.id), meant);
    if (row.id !== null && row.id !== made.id) this.forgotten.add(row.id);
    const holder = this.rows.find(
      (other) => other !== row && other.list === row.list && other.id === made.id,
    );
    row.id = made.id;
    row.needsUpload = false;
    row.edited.clear();
    if (made.updatedAt !== undefined) row.updatedAt = Date.parse(made.updatedAt);
    // Two tags of one name turn out to be one.
    if (holder) this.#join(holder, row);
  }

  #join(holder: OldRow, row: OldRow): void {
    const own = Object.entries(row.fields).filter(([, value]) => value !== null);
    holder.fields = { ...holder.fields, ...Object.fromEntries(own) };
    holder.updatedAt = row.updatedAt;
    for (const child of this.rows) if (child.parent === row) child.parent = holder;
    this.#drop(row);
  }

  async #sendDeletions(): Promise<void> {
    for (const deletion of [...this.#deletions]) {
      const { list, id } = deletion;
      await arriving(async () => {
        const answer = await this.#ask(OLD_TYPES[list].remove, { id });
        const isOver = answer.errors.length > 0 || Object.values(answer.data)[0] === true;
        if (answer.errors.length === 0 && isOver)
          this.#observer.claimGone(this, keyOf(OLD_TYPES[list].entity, id));
        // The app would try for ever; its user gives up after the first refusal.
        this.#deletions = this.#deletions.filter((other) => other !== deletion);
      });
    }
  }

  async #download(): Promise<void> {
    await arriving(async () => {
      const { data, errors } = await this.#line.call(this, async () => {
        const answer = await this.#ground.server.anonymous()(
          SYNC,
          { lastSyncedAt: this.#lastSyncedAt },
          { operationName: 'Sync', headers: { authorization: `Bearer ${this.#token}` } },
        );
        this.#noteSent(answer.data?.sync);
        return answer;
      });
      if (errors.length > 0) throw new Error(`The sync failed: ${JSON.stringify(errors)}`);
      this.#apply(data.sync);
      this.#lastSyncedAt = data.sync.serverTimestamp;
      this.figures.syncs += 1;
    });
  }

  /** What was sent counts as known, also where it never arrives: a server cannot tell, and the app says nothing. */
  #noteSent(answer: Loose): void {
    for (const list of APPLY_ORDER)
      for (const { id, syncVersion } of answer?.[list] ?? [])
        this.#versions.set(keyOf(OLD_TYPES[list].entity, id), syncVersion);
  }

  #apply(answer: Loose): void {
    for (const list of APPLY_ORDER) {
      const gone = new Set<string>(answer.deleted[list]);
      for (const row of this.rows.filter((one) => one.list === list && one.id !== null && gone.has(one.id)))
        this.#drop(row);
    }
    for (const list of APPLY_ORDER) for (const server of answer[list]) this.#upsert(list, server);
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
      // Should the category come back, nobody puts the tag into it again.
      child.cleared.add('parent');
    }
  }

  #ask(document: string, variables: Record<string, unknown>) {
    return this.#line.call(this, () =>
      this.#ground.server.anonymous()(textOf(appDocument(document), WIRE), variables, {
        operationName: document,
        headers: { authorization: `Bearer ${this.#token}` },
      }),
    );
  }

  #now(): number {
    return Date.now() + this.#clockOffsetMs;
  }
}

const SLACK_MS = 1_000;

async function arriving(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof LostAnswer)) throw cause;
  }
}
