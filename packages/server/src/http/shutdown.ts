/**
 * Takes the HTTP server out of service: load balancers get time to see that it is not ready, then no connection
 * is accepted any more, running requests get time to finish, and what is left then is cut.
 */
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export async function drain(
  app: FastifyInstance,
  times: { readonly shutdownDelayMs: number; readonly shutdownMsMax: number },
): Promise<void> {
  if (app.server.listening) {
    await sleep(times.shutdownDelayMs);
    await letQueuedIn(app.server);
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

// The queue of a listening socket holds 511 connections; one is accepted per turn of the event loop.
const TURNS_MAX = 1_000;
const CALM_TURNS = 5;

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
  for (let turn = 0; turn < TURNS_MAX && calm < CALM_TURNS; turn += 1) {
    calm += 1;
    await new Promise(setImmediate);
  }
  server.off('connection', note);
}
