/** What can be subscribed to, and how GraphQL's own reading of a document is led to it. */
export interface ChangesArgs {
  readonly entityTypes?: readonly string[] | null;
  readonly cursor?: string | null;
  readonly scope?: string | null;
  readonly batchSize?: number | null;
}

export interface ConflictsArgs {
  readonly entityType?: string | null;
  readonly limit?: number | null;
}

/** The field of the schema that is subscribed to, with its arguments. */
export type Asked =
  | { readonly field: 'changes'; readonly args: ChangesArgs }
  | { readonly field: 'conflicts'; readonly args: ConflictsArgs };

type Subscriber = (source: unknown, args: Asked['args']) => AsyncIterable<never> & { readonly asked: Asked };

/**
 * Resolvers of the schema's subscriptions: GraphQL calls them with the arguments that it has read. It wants something
 * that can be iterated; what the client is told is made of the answer later.
 */
export const subscribers: { readonly [field: string]: Subscriber } = {
  changes: (_source, args) => ({ asked: { field: 'changes', args: args as ChangesArgs }, ...NOTHING }),
  conflicts: (_source, args) => ({ asked: { field: 'conflicts', args: args as ConflictsArgs }, ...NOTHING }),
};

const NOTHING: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};
