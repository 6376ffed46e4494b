/**
 * Was anything lost? Every value that a person has written stands, or its fate is known: it was replaced by a later edit
 * of the same device, by somebody who had been shown it, or with a conflict that keeps it. The same goes for deletions.
 * An older edit of the device may arrive after a newer one, when a connection broke between them: with a conflict, too.
 * And every entry had its effect once.
 */
import { decodeEntity } from '@ackord/finance';
import { type Edit, shownKey } from './device.ts';
import { type History, historyKey, type RecordHistory, type Step, type Stored } from './history.ts';

export interface Finding {
  readonly key: string;
  readonly text: string;
}

interface Written {
  readonly edit: Edit;
  readonly field: string;
  readonly wire: unknown;
}

const asText = (value: unknown): string => JSON.stringify(value ?? null);
const storedName = (field: string): string => (field === 'logo_path' ? 'logoPath' : field);

export class Judge {
  readonly #edits: readonly Edit[];
  readonly #history: History;
  readonly #byEntry: ReadonlyMap<string, Edit>;
  /** Who wrote a value: each is written once. */
  readonly #written = new Map<string, Written>();
  readonly #findings: Finding[] = [];
  readonly figures = {
    values: 0,
    replacedSeen: 0,
    /** Of these, kept in a conflict all the same: the server could not know. */
    takenForUnseen: 0,
    inConflict: 0,
    superseded: 0,
    outOfOrder: 0,
    deletions: 0,
    steps: 0,
  };

  constructor(edits: readonly Edit[], history: History) {
    this.#edits = edits;
    this.#history = history;
    this.#byEntry = new Map(edits.map((edit) => [edit.entryId, edit]));
    for (const edit of edits)
      for (const [field, value] of Object.entries(storedValues(edit)))
        this.#written.set(`${historyKey(edit.type, edit.id)} ${field} ${asText(value)}`, {
          edit,
          field,
          wire: edit.values[field === 'logoPath' ? 'logo_path' : field],
        });
  }

  findings(): readonly Finding[] {
    for (const record of this.#history.records.values()) {
      this.#lookAtVersions(record);
      for (const step of record.steps) this.#lookAtStep(record, step);
    }
    for (const edit of this.#edits) {
      if (edit.operation === 'delete') this.#lookAtDeletion(edit);
      else if (!edit.isNoChange) this.#lookAtValues(edit);
    }
    return this.#findings;
  }

  #fault(key: string, text: string): void {
    this.#findings.push({ key, text });
  }

  /** One version for each change that was applied, and no entry twice. */
  #lookAtVersions({ key, type, version, steps }: RecordHistory): void {
    this.figures.steps += steps.length;
    if (new Set(steps.map(({ entryId }) => entryId)).size !== steps.length)
      this.#fault(key, 'an entry had its effect twice');
    if (steps.length !== version || steps.some((step, at) => step.version !== at + 1))
      this.#fault(key, `version ${version} after ${steps.length} changes`);
    // The server itself brings a group back that somebody has put an account into meanwhile.
    for (const { entryId, operation } of steps)
      if (!this.#byEntry.has(entryId) && !(type === 'AccountGroup' && operation === 'REVIVE'))
        this.#fault(key, `changed by ${entryId}, which nobody has sent`);
  }

  /** Whose values went, and did whoever replaced them know it? */
  #lookAtStep(record: RecordHistory, { before, after, operation, entryId, version }: Step): void {
    const writer = this.#byEntry.get(entryId);
    if (!before || !writer) return;
    const gone = operation === 'DELETE';
    if (operation === 'REVIVE') this.#lookAtRevival(record, writer, version);
    else
      for (const [field, value] of Object.entries(before)) {
        if (!gone && asText(value) === asText(after[field])) continue;
        const owner = this.#written.get(`${record.key} ${field} ${asText(value)}`);
        if (owner) this.#lookAtLoss(record, writer, owner, value, gone);
      }
  }

  #lookAtLoss({ key }: RecordHistory, writer: Edit, owner: Written, value: unknown, gone: boolean): void {
    const { edit, field, wire } = owner;
    const what = `${field} ${asText(value)} of ${nameOf(edit)}`;
    const isOwn = edit.device === writer.device;
    if (isOwn && !isLater(edit, writer)) return;
    const wireField = field === 'logoPath' ? 'logo_path' : field;
    const isKept = this.#conflictsOf(writer).some(
      ({ server, clientDeletes }) => clientDeletes === gone && asText(server[field]) === asText(value),
    );
    if (!isOwn && writer.device.hadSeen(shownKey(edit.type, edit.id, wireField, wire), writer.number)) {
      this.figures.replacedSeen += 1;
      if (isKept) this.figures.takenForUnseen += 1;
      return;
    }
    if (isKept && isOwn) this.figures.outOfOrder += 1;
    else if (isKept) this.figures.inConflict += 1;
    else
      this.#fault(
        key,
        `${what} was ${gone ? 'deleted' : 'replaced'} by ${nameOf(writer)}, which ${isOwn ? 'is older' : 'had not been shown it'}, and no conflict keeps it`,
      );
  }

  #lookAtRevival({ key, steps }: RecordHistory, writer: Edit, version: number): void {
    const deletion = steps.find((step) => step.version === version - 1);
    const deleter = deletion && this.#byEntry.get(deletion.entryId);
    if (deletion?.operation !== 'DELETE' || !deleter) return;
    const isOwn = deleter.device === writer.device;
    if (isOwn && !isLater(deleter, writer)) return;
    if (!this.#conflictsOf(writer).some(({ conflictType }) => conflictType === 'DELETION_CONFLICT'))
      this.#fault(key, `${nameOf(writer)} undid ${nameOf(deleter)}, and no conflict tells of it`);
    else if (isOwn) this.figures.outOfOrder += 1;
  }

  /** Each value has stood, or is in a conflict of its entry, or its device knew better when it came. */
  #lookAtValues(edit: Edit): void {
    const key = historyKey(edit.type, edit.id);
    const record = this.#history.records.get(key);
    if (!record) {
      this.#fault(key, `${nameOf(edit)} has left nothing`);
      return;
    }
    for (const [field, value] of Object.entries(storedValues(edit))) {
      this.figures.values += 1;
      const hasStood = record.steps.some(({ after }) => asText(after[field]) === asText(value));
      if (hasStood) continue;
      if (this.#conflictsOf(edit).some(({ client }) => asText(client[field]) === asText(value)))
        this.figures.inConflict += 1;
      else if (this.#isSuperseded(edit, field, value)) this.figures.superseded += 1;
      else
        this.#fault(
          key,
          `${field} ${asText(value)} of ${nameOf(edit)} has never stood, and no conflict keeps it`,
        );
    }
  }

  #isSuperseded(edit: Edit, field: string, value: unknown): boolean {
    return this.#laterOwn(edit).some(
      (later) => later.operation === 'delete' || asText(storedOf(later)[field]) !== asText(value),
    );
  }

  #lookAtDeletion(edit: Edit): void {
    this.figures.deletions += 1;
    const key = historyKey(edit.type, edit.id);
    const record = this.#history.records.get(key);
    if (!record) {
      this.#fault(key, `${nameOf(edit)} has left nothing`);
      return;
    }
    // Where it was deleted already, that is all; whoever brought it back answers for that.
    const isDone = record.isDeleted || record.steps.some(({ operation }) => operation === 'DELETE');
    const isKept = this.#conflictsOf(edit).some(({ clientDeletes }) => clientDeletes);
    if (!isDone && !isKept && this.#laterOwn(edit).length === 0)
      this.#fault(key, `${nameOf(edit)} has had no effect, and no conflict tells of it`);
  }

  #laterOwn(edit: Edit): readonly Edit[] {
    return edit.device.edits.filter(
      (one) => one !== edit && one.id === edit.id && one.type === edit.type && !isLater(edit, one),
    );
  }

  #conflictsOf(edit: Edit) {
    const conflicts = this.#history.conflicts.get(historyKey(edit.type, edit.id)) ?? [];
    return conflicts.filter(({ entryId }) => entryId === edit.entryId);
  }
}

/** Of two edits of a device: was this one surely made later? Within a millisecond its own queue knows no order. */
const isLater = (a: Edit, b: Edit): boolean => a.madeAt > b.madeAt;

export const nameOf = ({ device, number, operation }: Edit): string =>
  `${device.name}'s ${operation} ${number}`;

const decoded = new WeakMap<Edit, Stored>();

/** All that its entry asks for, as it is stored. */
function storedOf(edit: Edit): Stored {
  const known = decoded.get(edit);
  if (known) return known;
  const result = edit.operation === 'delete' ? null : decodeEntity(edit.type, edit.payload);
  if (result?.ok === false) throw new Error(`The model sends what can't be stored: ${result.message}`);
  const fields = result?.fields ?? {};
  decoded.set(edit, fields);
  return fields;
}

/** Of that, what the person changed. */
function storedValues(edit: Edit): Stored {
  const stored = storedOf(edit);
  return Object.fromEntries(
    Object.keys(edit.values).map((field) => [storedName(field), stored[storedName(field)]]),
  );
}
