/** A store that can't be reached says so by the outcome of its error; everything else that is thrown is a defect. */
export const isUnreachable = (cause: unknown): boolean =>
  cause instanceof Error && 'outcome' in cause && cause.outcome === 'unavailable';
