/**
 * Stands between a server and PostgreSQL. Now and then it cuts the connection at the worst moment: the COMMIT is done,
 * and its answer is on its way. Or it falls silent, as a machine does that loses its power.
 */
import { createServer, connect as open, type Socket } from 'node:net';
import { join } from 'node:path';
import { atEnd } from './process.ts';

export interface CuttingProxy {
  /** The same login and database, by way of the proxy. */
  readonly url: string;
  /** Answers to COMMIT that were swallowed. */
  cuts(): number;
  /** From now on nothing passes through the connections that are open, and nobody is told. */
  fallSilent(): void;
}

/** `share`: of all answers to COMMIT, how many are swallowed, 0 … 1. */
export async function startCuttingProxy(databaseUrl: string, share: number): Promise<CuttingProxy> {
  const upstream = addressOf(databaseUrl);
  let cuts = 0;
  const pairs = new Set<() => void>();
  let generation = 0;
  const server = createServer((client) => {
    const database = open(upstream.target);
    const mine = generation;
    const isSilent = (): boolean => mine < generation;
    const end = (): void => {
      client.destroy();
      database.destroy();
      pairs.delete(end);
    };
    pairs.add(end);
    for (const socket of [client, database]) socket.on('error', end).on('close', end);
    client.on('data', (data) => {
      if (!isSilent()) write(database, data);
    });
    database.on('data', (data) => {
      if (isSilent()) return;
      // CommandComplete: C, four bytes of length, the tag.
      if (!data.includes('COMMIT\0') || Math.random() >= share) return write(client, data);
      cuts++;
      end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  atEnd(async () => {
    server.close();
    for (const end of [...pairs]) end();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `postgres://${upstream.login}@127.0.0.1:${port}/${upstream.database}`,
    cuts: () => cuts,
    fallSilent: () => generation++,
  };
}

function write(socket: Socket, data: Buffer): void {
  if (!socket.destroyed) socket.write(data);
}

const URL_PARTS = /^postgres(?:ql)?:\/\/([^@/]*)@([^/?]*)\/([^?]*)(?:\?(.*))?$/;

/** Hosts of URLs, and folders of Unix sockets in their parameters. */
function addressOf(url: string) {
  const [, login = '', host = '', database = '', query = ''] = URL_PARTS.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  const [name = '127.0.0.1', port = '5432'] = host.split(':');
  const folder = parameters.get('host');
  const target =
    folder === null
      ? { host: name, port: Number(port) }
      : { path: join(folder, `.s.PGSQL.${parameters.get('port') ?? '5432'}`) };
  return { login, database, target };
}
