/**
 * How long a request may take to arrive. Node has one such limit for a whole server, and uploads need a longer one than
 * anything else: so Node's is theirs, and this one holds for the rest, whether it is welcome or was turned away.
 */
import type { IncomingMessage } from 'node:http';
import { LIMITS } from '@ackord/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerBrokenRequest } from './broken-request.ts';

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Add it before whatever may turn a request away. */
export function addReceiveLimit(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => limitReceiving(request, reply));
}

/** Ends the connection when the rest of the request is not here in time. */
export function limitReceiving(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  msMax: number = LIMITS.requestReceiveMsMax,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = raw.headers;
  // Of a request that was injected nothing is on its way, and it has no `complete`.
  const isArriving = raw.complete === false;
  if (!isArriving || (length === undefined && encoding === undefined) || length === '0') return;
  const timer = setTimeout(() => {
    if (!raw.complete) answerBrokenRequest(LATE, raw.socket);
  }, msMax);
  timer.unref();
  timers.set(raw, timer);
  raw.once('end', () => clearTimeout(timer));
  reply.raw.once('close', () => {
    // An answer may go before the question is here in full: the rest has its time too.
    if (raw.complete || raw.destroyed) clearTimeout(timer);
  });
}

/** For an upload that may take as long as Node lets it. */
export const liftReceiveLimit = ({ raw }: FastifyRequest): void => clearTimeout(timers.get(raw));

const LATE = Object.assign(new Error('The request did not arrive in time'), {
  code: 'ERR_HTTP_REQUEST_TIMEOUT',
});
