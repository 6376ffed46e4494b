/**
 * Takes the HTTP server out of service: load balancers get time to see that it is not ready, then no connection
 * is accepted any more, running requests get time to finish, and what is left then is cut.
 */
import type { Server } from 'node:http';
import { Server as Listener } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export interface Leaving {
  /** Resolves when all is answered, or was cut. Upgraded connections are for others to end; it waits for them. */
  readonly ended: Promise<void>;
}

/** Resolves when nobody can connect any more; what is connected by then is still served. */
export async function leave(
  app: FastifyInstance,
  times: { readonly shutdownDelayMs: number; readonly shutdownMsMax: number },
): Promise<Leaving> {
  if (app.server.listening) {
    await sleep(times.shutdownDelayMs);
    await letQueuedIn(app.server);
    // The listener alone, and in the turn in which the queue was seen to be empty: fastify closes it some turns after it
    // has begun to say `Connection: close`, and who reads that connects again, here; `http.Server.close` also ends who
    // has just been let in and not been read.
    Listener.prototype.close.call(app.server);
  }
  const ended = drain(app, times.shutdownMsMax);
  // Who waits for it may come later.
  ended.catch(() => {});
  return { ended };
}

async function drain(app: FastifyInstance, msMax: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), msMax);
  // Connections that are kept alive without a request would hold the server open until the deadline.
  const idle = setInterval(() => app.server.closeIdleConnections(), 100);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
    clearInterval(idle);
  }
}

const CALM_TURNS = 5;
/** Under a storm of connections there is no calm; those who are cut off then find another server. */
const QUEUE_MS_MAX = 1_000;

/**
 * Closing a listening socket resets whoever has connected without having been accepted yet. So the event loop goes
 * round until nobody new has come for some turns: all who came before the stop are in, and what they sent is read.
 */
async function letQueuedIn(server: Server): Promise<void> {
  let calm = 0;
  const note = (): void => {
    calm = 0;
  };
  server.on('connection', note);
  const end = performance.now() + QUEUE_MS_MAX;
  while (calm < CALM_TURNS && performance.now() < end) {
    calm += 1;
    await new Promise(setImmediate);
  }
  server.off('connection', note);
}
