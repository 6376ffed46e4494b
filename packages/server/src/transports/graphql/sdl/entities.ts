/** The text of a domain's output types and of the inputs of its bulk rows. */
import type { Output, WireDomain, WireType } from '../wire-type.ts';

/** Every entity type has these, computed when answering but for the version and the priority. */
const SYNC_FIELDS = `
  "When this device last tried to change the record and met a conflict or a refusal."
  lastSyncAttempt: DateTime
  "What became of that attempt."
  syncErrorMessage: String
  "The record's version: one more with every change that was applied. Send it back as the base of the next edit."
  syncVersion: Int!
  "The record as it is stored, as a JSON object with the field names of the bulk input: what its checksum is made of. Unlike the other fields it keeps links that lead nowhere, and times that were never set."
  syncData: String!
  "Always false: whether a device has unsent edits is known to the device alone."
  isDirty: Boolean!
  "Always false, for the same reason."
  needsSync: Boolean!
  syncStatus: SyncStatus!
  syncPriority: SyncPriority!`;

export function entitySdl(type: WireType, wire: WireDomain): string {
  const role =
    typeof type.entity.scope === 'object' ? `\n  "The caller's role in it."\n  role: ${wire.roleType}` : '';
  return `
${quoted(type.description)}type ${type.entity.name} {
  id: ID!
${type.outputs.map((output) => `  ${outputSdl(output)}`).join('\n')}${role}
  createdAt: DateTime!
  updatedAt: DateTime!${SYNC_FIELDS}
}
${choicesSdl(type)}`;
}

const outputSdl = (output: Output): string =>
  `${quoted(output.description ?? null)}${output.name}: ${output.type}`;

const quoted = (description: string | null): string =>
  description === null ? '' : `${JSON.stringify(description)} `;

function choicesSdl(type: WireType): string {
  const enums = [...type.entity.fields.values()].flatMap((field) => {
    const output = type.outputs.find(({ name }) => name === field.name);
    const name = output?.type.replace('!', '') ?? '';
    return field.kind === 'choice' && name !== 'String' && output
      ? [`enum ${name} { ${field.choices.join(' ')} }`]
      : [];
  });
  return enums.join('\n');
}

/** The input of one row. What it asks for is checked row by row, so that a bad row spoils only itself. */
export function bulkInputSdl(type: WireType): string {
  return `
input ${bulkInputName(type)} {
  "The client's own UUID. Needed to update and to delete."
  id: ID
  "The version that the edit was made on."
  syncVersion: Int!
  "When the edit was made, by the device's clock."
  clientTimestamp: DateTime!
  operation: SyncOperation!
  "Comes back in the answer, so that a row can be told without an id. Nothing else."
  clientId: ID
  "Names the change for ever: sent again with the same content, it is answered again and not applied again."
  changeId: ID
  "JSON object of the values that the edit started from; tells what was really edited when the record has moved on."
  baseFields: String
  "Rows of one call that share it are applied all or none."
  transactionId: ID
  syncPriority: SyncPriority
${type.inputs.map((input) => `  ${input.name}: ${input.type}`).join('\n')}
}`;
}

export const bulkInputName = (type: WireType): string => `Bulk${type.entity.name}Input`;
