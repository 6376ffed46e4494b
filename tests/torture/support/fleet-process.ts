/** Starts fleet-program.ts and asks it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FleetSettings, FleetStatus, Verdict } from './fleet.ts';
import type { FleetQuestion } from './fleet-program.ts';
import { atEnd } from './process.ts';

export interface FleetProcess {
  readonly pid: number;
  write(perSecond: number): Promise<void>;
  status(): Promise<FleetStatus>;
  behind(heads: Readonly<Record<string, number>>): Promise<number>;
  judge(): Promise<Verdict>;
}

export async function startFleetProcess(settings: FleetSettings): Promise<FleetProcess> {
  const program = fileURLToPath(new URL('fleet-program.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('@ackord/run-typescript'), program],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    },
  );
  const ended = once(child, 'exit');
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  const open = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  child.on('message', ({ id, answer, error }: { id: number; answer: unknown; error?: string }) => {
    const one = open.get(id);
    open.delete(id);
    if (error === undefined) one?.resolve(answer);
    else one?.reject(new Error(error));
  });
  child.on('exit', () => {
    for (const { reject } of open.values()) reject(new Error('the fleet has ended'));
  });
  let lastId = 0;
  const ask = <T>(method: FleetQuestion['method'], argument: unknown = null): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const question: FleetQuestion = { id: ++lastId, method, argument };
      open.set(question.id, { resolve: resolve as (answer: unknown) => void, reject });
      child.send(question);
    });
  await ask('start', settings);
  return {
    pid: child.pid ?? 0,
    write: (perSecond) => ask('write', perSecond),
    status: () => ask('status'),
    behind: (heads) => ask('behind', heads),
    judge: () => ask('judge'),
  };
}
