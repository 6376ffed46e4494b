/**
 * The app in the field, with its real rules: it uploads what needs it, one mutation a row, in its fixed order; then
 * deletions; then one sync, deletions first, rows that are not newer than its own skipped. It keeps the moment of the
 * last sync that arrived, leaves out what is null, retries creations whose answer was lost, and trusts its own clock.
 */
import { type Ground, type Loose, NEVER } from '../../gaps/ground.ts';
import { appDocument, textOf } from '../documents.ts';
import { type Account, signIn } from '../phone.ts';
import { type Line, LostAnswer } from './line.ts';
import { keyOf, type Observer, type Writer } from './observer.ts';
import { OldRows } from './old-rows.ts';
import { APPLY_ORDER, inputOf, meantBy, OLD_TYPES, type OldRow, UPLOAD_ORDER } from './old-types.ts';

const WIRE = 'nested';
/** With the versions of its rows, by which the observer knows what the app was given. */
const SYNC = textOf(
  {
    ...appDocument('Sync'),
    selection: appDocument('Sync').selection.replaceAll('updatedAt', 'updatedAt syncVersion'),
  },
  WIRE,
);

export class OldClient implements Writer {
  readonly name: string;
  readonly userId: string;
  readonly #account: Account;
  readonly #ground: Ground;
  readonly #line: Line;
  readonly #observer: Observer;
  readonly #versions = new Map<string, number>();
  #token = '';
  #lastSyncedAt = NEVER;
  readonly store: OldRows;
  /** Ids of records that the app has uploaded once more, and knows no longer. */
  readonly forgotten = new Set<string>();
  readonly #counts = { uploads: 0, syncs: 0 };

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
    this.store = new OldRows(clockOffsetMs);
  }

  known(key: string): number {
    return this.#versions.get(key) ?? 0;
  }

  get rows(): readonly OldRow[] {
    return this.store.rows;
  }

  get isQuiet(): boolean {
    return this.store.deletions.length === 0 && this.rows.every((row) => !row.needsUpload);
  }

  get figures(): Readonly<Record<string, number>> {
    return { ...this.#counts, ...this.store.figures };
  }

  /** A new token, as after seven days. All that the app has stays. */
  async signIn(): Promise<void> {
    this.#token = (await signIn(this.#ground, this.#account)).token;
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
    this.#counts.uploads += 1;
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
    if (holder) this.store.join(holder, row);
  }

  async #sendDeletions(): Promise<void> {
    for (const deletion of [...this.store.deletions]) {
      const { list, id } = deletion;
      await arriving(async () => {
        const { data, errors } = await this.#ask(OLD_TYPES[list].remove, { id });
        const isGone = errors.length === 0 && Object.values(data)[0] === true;
        if (isGone) this.#observer.claimGone(this, keyOf(OLD_TYPES[list].entity, id));
        // False is tried again in the next cycle. So are refusals, in the app; here its user gives up.
        if (isGone || errors.length > 0) this.store.forget(deletion);
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
      this.store.apply(data.sync);
      this.#lastSyncedAt = data.sync.serverTimestamp;
      this.#counts.syncs += 1;
    });
  }

  /** What was sent counts as known, also where it never arrives: a server cannot tell, and the app says nothing. */
  #noteSent(answer: Loose): void {
    for (const list of APPLY_ORDER)
      for (const { id, syncVersion } of answer?.[list] ?? [])
        this.#versions.set(keyOf(OLD_TYPES[list].entity, id), syncVersion);
  }

  #ask(document: string, variables: Record<string, unknown>) {
    return this.#line.call(this, () =>
      this.#ground.server.anonymous()(textOf(appDocument(document), WIRE), variables, {
        operationName: document,
        headers: { authorization: `Bearer ${this.#token}` },
      }),
    );
  }
}

async function arriving(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof LostAnswer)) throw cause;
  }
}
