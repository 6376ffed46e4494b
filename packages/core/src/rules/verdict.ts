/** What the rules say about a change. Verdicts are values: the engine carries them out, nothing here has an effect. */
import type { ErrorCode } from '../protocol/errors.ts';
import type { Fields } from '../schema/json.ts';
import type { FieldClock, Priority, RecordState } from './record.ts';
import type { ConflictStrategy } from './strategies.ts';

export type ConflictType =
  | 'VERSION_MISMATCH'
  | 'CONCURRENT_MODIFICATION'
  | 'DEPENDENCY_CONFLICT'
  | 'DELETION_CONFLICT';

/** Whose values stand: `mixed`: some groups went each way; `both`: the client's version became a second record. */
export type Winner = 'server' | 'client' | 'mixed' | 'both';

/** Two sides changed the same thing: what is journaled, also when it was resolved at once. */
export interface Clash {
  readonly conflictType: ConflictType;
  /** Fields that both sides changed; for a deletion, the children that others changed, as `Type:id`. */
  readonly fields: readonly string[];
  /** The clashing fields as they were at the client's base; null where nobody knows. */
  readonly base: Fields | null;
  readonly server: Fields | null;
  readonly client: Fields;
  readonly clientDeletes: boolean;
  readonly strategy: ConflictStrategy;
  readonly winner: Winner | null;
  readonly serverTime: number;
  readonly clientTime: number;
}

/** What to do with the record. */
export type Act =
  | {
      readonly kind: 'put';
      readonly operation: 'CREATE' | 'UPDATE' | 'REVIVE';
      readonly fields: Fields;
      readonly clock: FieldClock;
      readonly priority: Priority;
    }
  /** Delete it, with all that it owns. */
  | { readonly kind: 'bury' }
  /**
   * Change nothing, but send the record (and, after a lost deletion, all that it owns) to everyone again. `fields`: with
   * another stamp, so that the sender takes it.
   */
  | { readonly kind: 'refeed'; readonly descendants: boolean; readonly fields?: Fields }
  | { readonly kind: 'endAlias' };

export type Verdict =
  | {
      readonly kind: 'rejected';
      readonly code: ErrorCode;
      readonly field: string | null;
      readonly detail: string;
    }
  /** Success, and there is nothing to do: the record already is as the change wants it. */
  | { readonly kind: 'unchanged' }
  /** A CREATE whose unique key is taken: decide again on that record, with base 0. */
  | { readonly kind: 'alias'; readonly of: RecordState }
  | {
      readonly kind: 'decided';
      readonly outcome: 'applied' | 'merged' | 'conflict';
      readonly act: Act;
      readonly clash: Clash | null;
      /** All sent values are the record's now. */
      readonly stands: boolean;
      readonly mergedFields: readonly string[];
      /** KEEP_BOTH: the fields of a second record to make. */
      readonly copy: Fields | null;
    };

export const rejected = (code: ErrorCode, detail: string, field: string | null = null): Verdict => ({
  kind: 'rejected',
  code,
  field,
  detail,
});
