/**
 * Takes the HTTP server out of service: load balancers get time to see that it is not ready, then no connection
 * is accepted any more, running requests get time to finish, and what is left then is cut.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export async function drain(
  app: FastifyInstance,
  times: { readonly shutdownDelayMs: number; readonly shutdownMsMax: number },
): Promise<void> {
  if (app.server.listening) {
    await sleep(times.shutdownDelayMs);
    await letQueuedIn();
  }
  const cut = setTimeout(() => app.server.closeAllConnections(), times.shutdownMsMax);
  // Connections that are kept alive without a request would hold the server open until the deadline.
  const idle = setInterval(() => app.server.closeIdleConnections(), 100);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
    clearInterval(idle);
  }
}

/**
 * Closing a listening socket resets whoever has connected without having been accepted yet. Some turns of the event loop
 * take in everybody who had come before the stop, and read what they had sent.
 */
async function letQueuedIn(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}
