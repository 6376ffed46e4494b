/**
 * The workers of a primary process: starts them, starts each again that ends by itself, ever later if it does so again and
 * again, hands what one tells to the others, and lets all of them finish when it is told to stop.
 */
import cluster, { type Worker } from 'node:cluster';
import { LIMITS } from '@ackord/core';
import type { Logger } from '@ackord/server';
import { channelTo, type Send } from './channel.ts';
import { createCounting } from './counting.ts';
import { type FromPrimary, type FromWorker, isMessage } from './messages.ts';

export type ReadyWorker = Extract<FromWorker, { kind: 'ready' }>;

export interface CrewOptions {
  readonly size: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** How long a worker may take to finish. */
  readonly stopMsMax: number;
}

export interface Crew {
  /** Resolves when all listen; null: one of them ended before it ever did, and has said why. */
  readonly ready: Promise<ReadyWorker | null>;
  /** Resolves when all have ended. */
  stop(): Promise<void>;
  /** Ends all at once. */
  kill(): void;
}

interface Member {
  readonly worker: Worker;
  readonly send: Send<FromPrimary>;
  readonly startedAt: number;
  isReady: boolean;
}

export function startCrew({ size, environment, logger, stopMsMax }: CrewOptions): Crew {
  const members = new Map<number, Member>();
  const counting = createCounting();
  /** Places that wait for their next worker. */
  const delays = new Set<NodeJS.Timeout>();
  let isStopping = false;
  let wasReady = false;
  let settle: (ready: ReadyWorker | null) => void = () => {};
  const ready = new Promise<ReadyWorker | null>((resolve) => {
    settle = resolve;
  });
  let allEnded = (): void => {};

  const readyCount = (): number => [...members.values()].filter(({ isReady }) => isReady).length;
  const take = (member: Member, message: FromWorker): void => {
    switch (message.kind) {
      case 'ready':
        member.isReady = true;
        if (wasReady) logger.info({ worker: member.worker.process.pid }, 'a worker listens again');
        else if (members.size < size) while (members.size < size) start(0);
        else if (readyCount() === size) {
          wasReady = true;
          settle(message);
        }
        return;
      case 'told':
        for (const other of members.values()) if (other !== member && other.isReady) other.send(message);
        return;
      case 'count-all': {
        const asked = [...members.values()].filter(({ isReady }) => isReady);
        const ask = (id: number): void => {
          for (const { send } of asked) send({ kind: 'count', id });
        };
        void counting
          .ask(asked.length, ask)
          .then((all) => member.send({ kind: 'counted-all', id: message.id, all }));
        return;
      }
      case 'counted':
        counting.take(message.id, message.metrics);
    }
  };

  const start = (failures: number): void => {
    const worker = cluster.fork(environment);
    const member: Member = {
      worker,
      send: channelTo(() => (worker.isConnected() ? worker : null)),
      startedAt: performance.now(),
      isReady: false,
    };
    members.set(worker.id, member);
    worker.on('message', (message: unknown) => {
      if (isMessage(message)) take(member, message as FromWorker);
    });
    worker.on('error', (error) => logger.warn({ err: error }, 'a worker could not be reached'));
    worker.on('exit', (code, signal) => {
      members.delete(worker.id);
      if (isStopping) {
        if (members.size === 0) allEnded();
        return;
      }
      if (!wasReady) return settle(null);
      if (code === 0) {
        // It was told to finish, and did: whoever did that wants a fresh one.
        logger.info({ worker: worker.process.pid }, 'a worker has finished; it is started again');
        return start(0);
      }
      const wasCalm = performance.now() - member.startedAt > LIMITS.workerCalmMs;
      const ended = wasCalm ? 1 : failures + 1;
      const afterMs = restartDelayMs(ended);
      logger.error(
        { worker: worker.process.pid, code, signal, afterMs },
        'a worker ended; it is started again',
      );
      const delay = setTimeout(() => {
        delays.delete(delay);
        start(ended);
      }, afterMs);
      delays.add(delay);
    });
  };
  // One goes ahead: it brings the tables up to date, and what is wrong with the settings is said once.
  start(0);

  return {
    ready,
    async stop() {
      isStopping = true;
      for (const delay of delays) clearTimeout(delay);
      if (members.size === 0) return;
      const ended = new Promise<void>((resolve) => {
        allEnded = resolve;
      });
      for (const { send } of members.values()) send({ kind: 'stop' });
      const cut = setTimeout(() => {
        logger.error({ stopMsMax }, 'workers take too long to stop and are ended');
        for (const { worker } of members.values()) worker.process.kill('SIGKILL');
      }, stopMsMax);
      await ended;
      clearTimeout(cut);
    },
    kill() {
      isStopping = true;
      for (const { worker } of members.values()) worker.process.kill('SIGKILL');
    },
  };
}

/** Before the worker is started again that has ended by itself so many times in a row. */
export const restartDelayMs = (failures: number): number =>
  Math.min(LIMITS.workerRestartMs * 2 ** (failures - 1), LIMITS.workerRestartMsMax);
