/** Names that are unique among a user's records of a type, however they are written: "Beach" and " beach" are one. */
import { LIMITS, type UniqueKey } from '@ackord/core';

/** Without blanks around it, in one Unicode form, without case. Different names stay different. */
export const normalizeName = (name: string): string =>
  name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();

export const uniqueName: UniqueKey = {
  fields: ['name'],
  key: ({ name }) => (typeof name === 'string' ? normalizeName(name) : null),
  rename: (fields, conflictId) => {
    const mark = ` (${conflictId.slice(0, 8)})`;
    return { ...fields, name: String(fields.name).slice(0, LIMITS.nameLengthMax - mark.length) + mark };
  },
};
