/** Rules that records of the travel domain keep. */
import type { EntityRule } from '@ackord/core';

/** The later moment is not before the earlier one, where both are there. Stored moments sort as text. */
export const notBefore = (later: string, earlier: string): EntityRule => ({
  fields: [later, earlier],
  message: `${later} must not be before ${earlier}`,
  holds: (fields) => {
    const [end, start] = [fields[later], fields[earlier]];
    return typeof end !== 'string' || typeof start !== 'string' || end >= start;
  },
});
