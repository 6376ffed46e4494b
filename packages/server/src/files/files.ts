/**
 * The service behind the file operations: who may upload and download what. Rights are those of the records, asked of
 * the engine anew each time; a URL that was given out holds until it expires.
 */
import { LIMITS } from '@ackord/core';
import type { Actor } from '../engine/submission.ts';
import { acceptedType } from './content.ts';
import { lookAtBytes } from './look-at-bytes.ts';
import { distinct, newFile, type Rights, recordOf, signUpload, slotOf, writable } from './new-uploads.ts';
import type {
  Binding,
  FileFacts,
  FileOwner,
  FileRow,
  FileStore,
  Files,
  FileTable,
  WantedUrl,
} from './ports.ts';

export interface FilesParts {
  readonly store: FileStore;
  readonly table: FileTable;
  readonly engine: Rights;
  readonly graceMs: number;
}

const ANY_TYPE = 'application/octet-stream';

export function createFiles({ store, table, engine, graceMs }: FilesParts): Files {
  const lookAt = lookAtBytes(store);

  const signUploads: Files['signUploads'] = async (caller, asks, seconds) => {
    const { actor } = caller;
    const may = await writable(
      engine,
      actor,
      asks.flatMap(({ owner }) => owner ?? []),
    );
    const wanted = asks.map((ask) => newFile(ask, actor, may, seconds));
    const rows = distinct(wanted);
    if (rows.length === 0) return wanted.map(() => null);
    const { filesPendingPerUserMax: most } = LIMITS;
    if ((await table.pending(actor.userId, most)) + rows.length > most) return 'too-many';
    const added = await table.add(rows, graceMs);
    const signed = new Map(
      await Promise.all(
        added.map(async (row) => [slotOf(row), await signUpload(store, caller, row, seconds)] as const),
      ),
    );
    return wanted.map((file) => (file && signed.get(slotOf(file))) ?? null);
  };

  const complete: Files['complete'] = async (actor, owner, name) => {
    const record = (await writable(engine, actor, [owner])).get(recordOf(owner));
    if (!record) return null;
    for (const row of await table.candidates({ owner, name, userId: actor.userId })) {
      const done = await completeRow(row, { key: row.key, owner, scope: record.scope });
      if (done) return done;
    }
    return null;
  };

  /** Looks at the bytes where nobody has; null: there are none, or not those that were signed. */
  const completeRow = async (
    row: FileRow,
    binding: Binding | null,
    isOfType = true,
  ): Promise<FileFacts | null> => {
    const known = factsOf(row);
    if (known && (row.owner !== null || binding === null)) return known;
    const facts = known ?? (await lookAt(row, isOfType));
    if (!facts) return null;
    const { key, size, sha256 } = facts;
    return (await table.complete({ key, size, sha256, binding })) ? facts : null;
  };

  const adopt: Files['adopt'] = async ({ contentType, ...file }) => {
    const there = await store.stat(file.key);
    if (!there || there.size > file.sizeMax) return null;
    const type = acceptedType(there.contentType ?? '') ?? acceptedType(contentType) ?? ANY_TYPE;
    const row = await table.adopt({ ...file, name: file.key, contentType: type, seconds: 0 }, graceMs);
    if (!row?.owner || recordOf(row.owner) !== recordOf(file.owner)) return null;
    return completeRow(row, { key: row.key, owner: row.owner, scope: file.scope }, false);
  };

  const urlsOf: Files['urlsOf'] = async (base, wanted) => {
    const named = wanted.map(namedFile);
    const found = await table.named(named.flatMap((file) => file ?? []));
    let next = 0;
    const rows = named.map((file) => (file ? (found[next++] ?? null) : null));
    await table.bind(rows.flatMap((row, index) => bindingOf(row, wanted[index])));
    return Promise.all(
      rows.map(async (row, index) => {
        const file = row && factsOf(row);
        if (!file) return null;
        const { key, contentType } = file;
        return {
          file,
          url: await store.downloadUrl({ base, key, contentType, seconds: wanted[index]?.seconds ?? 0 }),
        };
      }),
    );
  };

  const mayRead = async (actor: Actor, { userId, owner }: FileRow): Promise<boolean> => {
    if (owner === null) return userId === actor.userId;
    // Whoever has lost the record has lost its files, also those that were once uploaded by him.
    return (await engine.records(actor, [{ type: owner.type, id: owner.id }])).length > 0;
  };

  const signDownload: Files['signDownload'] = async ({ actor, base }, key, seconds) => {
    const row = await table.byKey(key);
    if (!row || !(await mayRead(actor, row))) return null;
    if (row.state === 'pending' && (row.userId !== actor.userId || !(await store.stat(key)))) return null;
    return store.downloadUrl({ base, key, contentType: row.contentType, seconds });
  };

  const open: Files['open'] = async (actor, { name, owner }) => {
    const row = owner ? await ofRecord(actor, owner, name) : await table.byKey(name);
    if (!row || !(await mayRead(actor, row))) return null;
    if (row.state === 'pending' && row.userId !== actor.userId) return null;
    const bound = row.owner && { key: row.key, owner: row.owner, scope: null };
    const facts = await completeRow(row, bound);
    const stream = facts && (await store.read(facts.key));
    return facts && stream ? { ...facts, stream } : null;
  };

  const ofRecord = async (actor: Actor, owner: FileOwner, name: string): Promise<FileRow | null> => {
    const [record] = await engine.records(actor, [{ type: owner.type, id: owner.id }]);
    if (record?.fields[owner.field] !== name) return null;
    const [known] = await table.named([{ owner, name, userId: record.createdBy }]);
    const row = known ?? (await table.candidates({ owner, name, userId: actor.userId }))[0];
    // What lies behind the record's own name is the record's, bound or not yet.
    return row ? { ...row, owner } : null;
  };

  return {
    signUploads,
    complete,
    adopt,
    urlsOf,
    signDownload,
    signOwnDownload: ({ base }, { key, contentType }, seconds) =>
      store.downloadUrl({ base, key, contentType, seconds }),
    open,
  };
}

const factsOf = ({ key, name, contentType, state, size, sha256 }: FileRow): FileFacts | null =>
  state === 'complete' && size !== null && sha256 !== null ? { key, name, contentType, size, sha256 } : null;

function namedFile({ record, field }: WantedUrl) {
  const name = record.fields[field];
  if (typeof name !== 'string') return null;
  return { owner: { type: record.type, id: record.id, field }, name, userId: record.createdBy };
}

function bindingOf(row: FileRow | null, wanted: WantedUrl | undefined): Binding[] {
  if (!row || row.owner || !wanted) return [];
  const { record, field } = wanted;
  return [{ key: row.key, owner: { type: record.type, id: record.id, field }, scope: record.scope }];
}
