/**
 * The whole schema of a domain as text. `rows: 'typed'` is the contract that people and tools read; `rows: 'opaque'`
 * is what mutations run on: there a bulk row is a scalar, so that its values are looked at row by row (decode-row.ts)
 * and a bad one spoils its row, not the document.
 */
import type { WireDomain } from '../wire-type.ts';
import { ACCOUNT_MUTATIONS, ACCOUNT_QUERIES, ACCOUNT_TYPES } from './accounts.ts';
import { bulkInputName, bulkInputSdl, entitySdl } from './entities.ts';
import { sharingMutations, sharingQueries, sharingSdl } from './sharing.ts';
import { SUBSCRIPTIONS } from './subscriptions.ts';
import { SYNC_ENUMS, SYNC_MUTATIONS, SYNC_QUERIES, syncSdl } from './sync.ts';

export type RowForm = 'typed' | 'opaque';

export function schemaText(wire: WireDomain, rows: RowForm): string {
  const json = wire.types.some(({ outputs }) => outputs.some(({ type }) => /^JSON!?$/.test(type)));
  return `
"A moment: ISO 8601 with a zone. Answers are always UTC with milliseconds and Z."
scalar DateTime
${json ? '"Any JSON value."\nscalar JSON' : ''}
type Query {${ACCOUNT_QUERIES}${SYNC_QUERIES}${sharingQueries(wire)}
}

type Mutation {${ACCOUNT_MUTATIONS}${SYNC_MUTATIONS}${sharingMutations(wire)}
}
${SUBSCRIPTIONS}${SYNC_ENUMS}${rows === 'typed' ? syncSdl(wire) : withOpaqueRows(syncSdl(wire))}
${wire.types.map((type) => entitySdl(type, wire)).join('')}
${wire.types.map((type) => (rows === 'typed' ? bulkInputSdl(type) : `scalar ${bulkInputName(type)}`)).join('\n')}
${ACCOUNT_TYPES}${sharingSdl(wire)}${wire.mapping.sdl ?? ''}
`;
}

/** Rows and lists may be null here: what is wrong with them is said row by row too. */
const withOpaqueRows = (text: string): string => text.replaceAll(/\[(Bulk\w+Input)!\]! = \[\]/g, '[$1]');
