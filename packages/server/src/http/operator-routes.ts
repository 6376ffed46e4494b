/**
 * What machines ask about the server: `/livez` (the process answers), `/readyz` (send me requests: the database answers
 * and no stop is under way) and `/metrics`. They stay open while everything else is limited or closing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import type { Metrics } from '../observe/metrics.ts';
import { sendRefusal } from './error-reply.ts';

/** Resolves when the part is in order, rejects when it is not. */
export type ReadinessCheck = () => Promise<unknown>;

export interface OperatorSettings {
  readonly metrics: Metrics;
  readonly access: Config['http']['metrics'];
  readonly isClosing: () => boolean;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}

const open = { config: { open: true } };

export function addOperatorRoutes(app: FastifyInstance, settings: OperatorSettings): void {
  const { metrics, access, isClosing, checks } = settings;

  app.get('/livez', open, async () => ({ status: 'alive' }));

  app.get('/readyz', open, async (_request, reply) => {
    const states = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await holds(check)] as const),
    );
    const ready = !isClosing() && states.every(([, up]) => up);
    const parts = Object.fromEntries(states.map(([name, up]) => [name, up ? 'up' : 'down']));
    return reply
      .code(ready ? 200 : 503)
      .send({ status: isClosing() ? 'closing' : ready ? 'ready' : 'not ready', ...parts });
  });

  app.get('/metrics', open, async (request, reply) => {
    if (access === 'off')
      return sendRefusal(reply, {
        status: 404,
        code: 'ROUTE_UNKNOWN',
        detail: 'Metrics are off; METRICS_TOKEN turns them on.',
      });
    if (access !== 'open' && !isToken(request.headers.authorization, access.token))
      return sendRefusal(reply, { status: 401, code: 'UNAUTHENTICATED' });
    const { contentType, text } = await metrics.text();
    return reply.type(contentType).send(text);
  });
}

/** Within the time limit: a database that hangs is as bad as one that is gone. */
async function holds(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), LIMITS.readinessMsMax);
  });
  const passed = check().then(
    () => true,
    () => false,
  );
  return Promise.race([passed, late]).finally(() => clearTimeout(timer));
}

/** Compares hashes, so that neither content nor length of the token shows in the time that it takes. */
function isToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}
