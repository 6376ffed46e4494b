import { EventEmitter, once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { leave } from './shutdown.ts';

const TIMES = { shutdownDelayMs: 0, shutdownMsMax: 5_000 };

async function ask(port: number, agent: Agent): Promise<IncomingMessage> {
  const asking = request({ port, host: '127.0.0.1', agent });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer;
}

/** 'in', or the code of the error. */
const knock = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve('in'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    onTestFinished(() => void socket.destroy());
  });

test('who is sent away by `Connection: close` finds nobody here who lets it in and then resets it', async () => {
  const app = fastify({ return503OnClosing: false });
  app.get('/', async () => 'here');
  const close = new EventEmitter();
  app.addHook('preClose', async () => {
    close.emit('asked');
    await once(close, 'allowed');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await ask(port, agent)).headers.connection).toBe('keep-alive');

  const asked = once(close, 'asked');
  const leaving = leave(app, TIMES);
  await asked;
  expect((await ask(port, agent)).headers.connection).toBe('close');
  expect(await knock(port)).toBe('ECONNREFUSED');
  close.emit('allowed');
  await (await leaving).ended;
});
