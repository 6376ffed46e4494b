/** A property that does not hold: named by the invariant, so that a failure says at once what is at stake. */
export type InvariantId =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I8'
  | 'I9'
  | 'I10'
  | 'I11'
  | 'I12'
  | 'I13'
  /** The engine itself reported a mistake of its own. */
  | 'DEFECT';

export class Violation extends Error {
  readonly invariant: InvariantId;
  constructor(invariant: InvariantId, message: string, facts?: unknown) {
    super(`${invariant}: ${message}${facts === undefined ? '' : `\n${JSON.stringify(facts, asJson, 1)}`}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

export function holds(
  invariant: InvariantId,
  condition: boolean,
  message: string,
  facts?: () => unknown,
): void {
  if (!condition) throw new Violation(invariant, message, facts?.());
}

const asJson = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
};
