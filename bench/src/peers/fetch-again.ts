/**
 * A request that may be made twice: a server ends connections that were idle, and may do so just as the next request
 * goes out; the clients of these servers try again then. Rejects when several connections in a row broke.
 */
const TRIES_MAX = 5;

export async function fetchAgain(url: string, init: RequestInit): Promise<Response> {
  for (let nth = 1; ; nth++) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (nth === TRIES_MAX || !(error instanceof TypeError)) throw error;
    }
  }
}
