/** From what a caller wants to upload to rows of the table: whose it may be, under which key, once per name. */
import { type RecordState, type Role, roleReaches } from '@ackord/core';
import type { Engine } from '../engine/engine.ts';
import type { Actor } from '../engine/submission.ts';
import { newKey } from './key.ts';
import type { FileCaller, FileOwner, FileRow, FileStore, NewFile, SignedUpload, UploadAsk } from './ports.ts';

/** What is asked of the engine: who may do what. */
export type Rights = Pick<Engine, 'records' | 'scopes' | 'registry'>;

/** Records by type and id. */
export type Writable = ReadonlyMap<string, RecordState>;

export const recordOf = ({ type, id }: FileOwner): string => `${type} ${id}`;

/** The records among the owners that the caller may change, in two reads. */
export async function writable(
  engine: Rights,
  actor: Actor,
  owners: readonly FileOwner[],
): Promise<Writable> {
  if (owners.length === 0) return new Map();
  const keys = [...new Map(owners.map((owner) => [recordOf(owner), owner])).values()];
  const [records, roles]: [readonly RecordState[], ReadonlyMap<string, Role>] = await Promise.all([
    engine.records(actor, keys),
    engine.scopes(actor),
  ]);
  const may = records.filter(({ type, scope }) =>
    roleReaches(roles.get(scope) ?? null, engine.registry.type(type).access.write),
  );
  return new Map(may.map((record) => [`${record.type} ${record.id}`, record]));
}

/** null: the caller may not change the record, or there is none. */
export function newFile(ask: UploadAsk, actor: Actor, may: Writable, seconds: number): NewFile | null {
  const { owner, contentType, sizeMax } = ask;
  const record = owner && may.get(recordOf(owner));
  if (owner && !record) return null;
  const key = newKey(ask.folder, ask.prefix ?? '', ask.extension);
  return {
    key,
    name: ask.name ?? key,
    userId: actor.userId,
    owner,
    scope: record?.scope ?? null,
    contentType,
    sizeMax,
    seconds,
  };
}

/** Two asks for the same name of the same record are one upload. */
export const slotOf = ({ owner, name }: Pick<FileRow, 'owner' | 'name'>): string =>
  JSON.stringify([owner?.type, owner?.id, owner?.field, name]);

export const distinct = (files: readonly (NewFile | null)[]): NewFile[] => [
  ...new Map(files.flatMap((file) => (file ? [[slotOf(file), file] as const] : []))).values(),
];

export async function signUpload(
  store: FileStore,
  { base }: FileCaller,
  { key, name, contentType, sizeMax }: FileRow,
  seconds: number,
): Promise<SignedUpload> {
  return { key, name, seconds, url: await store.uploadUrl({ base, key, contentType, sizeMax, seconds }) };
}
