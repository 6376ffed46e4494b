/**
 * Files that came into the store by other ways than an upload: copied from the older server, under the keys that records
 * name. Each is looked at and bound to its record, and the record learns that it is here. May be run again.
 */
import { randomUUID } from 'node:crypto';
import { LIMITS, type RecordState } from '@ackord/core';
import { type Engine, type FileFacts, type Files, groupBy, type RawChange } from '@ackord/server';
import { type FileSlot, fieldsFor, ownerOf, SLOTS } from './file-slots.ts';

export interface Adopting {
  readonly engine: Pick<Engine, 'records' | 'submit'>;
  readonly files: Pick<Files, 'adopt'>;
  /** Name of the domain. */
  readonly domain: string;
}

export interface RecordWithFile {
  /** Id of a user who may change it: the change is made in that name. */
  readonly actor: string;
  readonly entityType: FileSlot['entityType'];
  readonly id: string;
}

export interface Adopted {
  /** Files that are here now, for these records. */
  readonly here: number;
  /** Names that nothing in the store stands behind. */
  readonly missing: number;
}

/** Files whose bytes are read at the same time are bounded by the service; these are the questions whether they are there. */
const AT_ONCE = 8;

export async function adoptFiles(tools: Adopting, records: readonly RecordWithFile[]): Promise<Adopted> {
  let here = 0;
  let missing = 0;
  for (const [actor, ofActor] of groupBy(records, (record) => record.actor)) {
    for (const page of inParts(ofActor, LIMITS.fileRequestsMax)) {
      const outcomes = await adoptPage(tools, actor, page);
      here += outcomes.filter((outcome) => outcome !== null).length;
      missing += outcomes.filter((outcome) => outcome === null).length;
      await tell(
        tools,
        actor,
        outcomes.flatMap((changes) => changes ?? []),
      );
    }
  }
  return { here, missing };
}

async function adoptPage(
  tools: Adopting,
  userId: string,
  page: readonly RecordWithFile[],
): Promise<(readonly RawChange[] | null)[]> {
  const keys = page.map(({ entityType, id }) => ({ type: `${tools.domain}.${entityType}`, id }));
  const found = await tools.engine.records({ userId }, keys);
  const outcomes: (readonly RawChange[] | null)[] = [];
  const wishes = found.flatMap((record) => wishesOf(tools, record));
  for (const some of inParts(wishes, AT_ONCE))
    outcomes.push(...(await Promise.all(some.map((wish) => adopt(tools, wish)))));
  return outcomes;
}

const inParts = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

interface Wish {
  readonly record: RecordState;
  readonly slot: FileSlot;
  readonly name: string;
}

function wishesOf({ domain }: Adopting, record: RecordState): Wish[] {
  return [...SLOTS.values()].flatMap((slot) => {
    const name = record.fields[slot.field];
    return record.type === `${domain}.${slot.entityType}` && typeof name === 'string'
      ? [{ record, slot, name }]
      : [];
  });
}

/** What the record is to be told, if anything; null: the file is not here. */
async function adopt({ files, domain }: Adopting, wish: Wish): Promise<RawChange[] | null> {
  const { record, slot, name } = wish;
  const { mediaType, uploadedObjectName } = record.fields;
  if (slot.isAwaited && uploadedObjectName === name) return [];
  const file = await files.adopt({
    key: name,
    owner: ownerOf(slot, domain, record.id),
    scope: record.scope,
    userId: record.createdBy,
    contentType: String(mediaType ?? ''),
    sizeMax: slot.sizeMax,
  });
  if (!file) return null;
  return slot.isAwaited ? [changeOf(wish, file)] : [];
}

const changeOf = ({ record, slot }: Wish, file: FileFacts): RawChange => ({
  entityType: slot.entityType,
  id: record.id,
  operation: 'UPDATE',
  changeId: randomUUID(),
  fields: fieldsFor(slot, file),
});

async function tell(
  { engine, domain }: Adopting,
  userId: string,
  changes: readonly RawChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const actor = { userId };
  await engine.submit({ domain, actor, device: null, batchId: randomUUID(), origin: 'server', changes });
}
