/**
 * Who edited what, when: the story's own memory, so that it can name both sides of what the server decides. The server
 * never sees it.
 */
import type { Fields, JsonValue } from '@ackord/core';
import type { PendingChange } from '../phone/outbox.ts';
import type { EntityName } from '../phone/wire.ts';

export interface Edit {
  readonly who: string;
  readonly entity: EntityName;
  readonly id: string;
  readonly operation: PendingChange['operation'];
  readonly fields: Fields;
  readonly baseFields: Fields | null;
  /** By the clock of the phone, milliseconds since 1970. */
  readonly time: number;
}

export interface Ledger {
  note(who: string, change: PendingChange): void;
  /** Edits of a record since the last `turnPage`, creations left out, the oldest first. */
  editsOf(entity: EntityName, id: string): readonly Edit[];
  /** What happened so far is known on all phones; from here on edits are news. */
  turnPage(): void;
  /** The name under which a record came into the world. */
  nameOf(entity: EntityName, id: string): string;
}

export function createLedger(): Ledger {
  let page: Edit[] = [];
  const names = new Map<string, string>();
  return {
    note(who, { entity, id, operation, fields, baseFields, time }) {
      if (operation === 'CREATE') names.set(`${entity} ${id}`, nameIn(fields));
      else page.push({ who, entity, id, operation, fields, baseFields, time });
    },
    editsOf: (entity, id) => page.filter((edit) => edit.entity === entity && edit.id === id),
    turnPage() {
      page = [];
    },
    nameOf: (entity, id) => names.get(`${entity} ${id}`) ?? entity,
  };
}

function nameIn({ title, name, objectName }: { readonly [field: string]: JsonValue | undefined }): string {
  const found = [title, name, objectName].find((value) => typeof value === 'string');
  return String(found ?? '');
}
