/** Stands between a client and a port of this machine; on demand nothing passes any more, and nobody is told. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll } from 'vitest';

export interface TcpProxy {
  readonly port: number;
  /** From now on what is sent is swallowed, also on new connections. */
  fallSilent(): void;
  /** Ends the silent connections; new ones are served. */
  heal(): void;
}

const cleanups: (() => void)[] = [];
afterAll(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<() => void>();
  let silent = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
      pairs.delete(end);
    };
    pairs.add(end);
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    const pass = (to: Socket) => (data: Buffer) => {
      if (!silent && !to.destroyed) to.write(data);
    };
    client.on('data', pass(upstream));
    upstream.on('data', pass(client));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endAll = (): void => {
    for (const end of [...pairs]) end();
  };
  cleanups.push(() => {
    server.close();
    endAll();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    fallSilent() {
      silent = true;
    },
    heal() {
      endAll();
      silent = false;
    },
  };
}
