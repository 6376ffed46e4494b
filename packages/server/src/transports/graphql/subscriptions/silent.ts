/** A subscription as graphql-ws sees it: what is told goes past it, and here is only how that ends. */

/** Iterates over nothing, until `over` has come by itself, or the client wants no more. Rejects as `over` does. */
export function silentUntil(over: Promise<void>, abort: AbortController) {
  over.catch(() => {});
  const silent: AsyncGenerator<never, void, void> = {
    next: async () => {
      await over;
      return { done: true, value: undefined };
    },
    return: async () => {
      abort.abort();
      await over.catch(() => {});
      return { done: true, value: undefined };
    },
    throw: async (cause) => {
      abort.abort();
      throw cause;
    },
    [Symbol.asyncIterator]: () => silent,
  } as AsyncGenerator<never, void, void>;
  return silent;
}
