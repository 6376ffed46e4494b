/** Errors on their way through graphql-ws, which passes on what a subscription throws, to the client as we word them. */
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { executionError } from '../errors.ts';

/** Ends a subscription, or keeps it from beginning, with errors that are told as they stand. */
export class ToldErrors extends Error {
  readonly errors: readonly GraphQLFormattedError[];
  constructor(errors: readonly GraphQLFormattedError[]) {
    super('A subscription is ended with errors');
    this.errors = errors;
  }
}

/** What the client reads. `report` is told of defects. */
export const formatted = (
  error: GraphQLError,
  report: (cause: unknown) => void,
): readonly GraphQLFormattedError[] =>
  error.originalError instanceof ToldErrors ? error.originalError.errors : [executionError(error, report)];
