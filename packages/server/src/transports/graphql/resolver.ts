/** The shape of resolvers: they get the source, the arguments and the request, and answer at once wherever they can. */
import type { GraphQLResolveInfo } from 'graphql';
import type { GraphQLContext } from './context.ts';

// Sources and arguments come from the schema, which TypeScript does not see; each resolver says what it takes.
export type Resolver<Source = never, Args = never> = (
  source: Source,
  args: Args,
  context: GraphQLContext,
  info: GraphQLResolveInfo,
) => unknown;

/** Type → field → resolver. Fields without one are read off their source. */
export type Resolvers = { readonly [type: string]: { readonly [field: string]: Resolver } };

/** The value itself, if it is there already: a promise per row would cost more than the row. */
export type Soon<T> = T | Promise<T>;

export function whenReady<T, R>(value: Soon<T>, use: (value: T) => R): Soon<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
