/**
 * One of the processes behind `ackord start --workers`: a server like any other, which shares the port and hears of its
 * siblings' commits through the primary process. It ends when that one tells it to, on SIGTERM, or when that one is gone.
 */
import cluster from 'node:cluster';
import { type Config, createServer, type Logger, type Server } from '@ackord/server';
import { bundledDomains } from '../domains.ts';
import { explain } from '../explain.ts';
import { graphiqlUrlOf } from '../graphiql-url.ts';
import { channelTo } from './channel.ts';
import { type FromPrimary, type FromWorker, isMessage } from './messages.ts';
import { createSiblings } from './siblings.ts';

/** Resolves with the exit code. */
export async function runWorker(config: Config, logger: Logger): Promise<number> {
  const send = channelTo<FromWorker>(() => process);
  const siblings = createSiblings(send);
  const stopAsked = new Promise<void>((resolve) => {
    process.on('message', (message: unknown) => {
      if (!isMessage(message)) return;
      if (message.kind === 'stop') resolve();
      else siblings.take(message as FromPrimary);
    });
    process.on('SIGTERM', () => resolve());
    // A terminal sends it to all processes at once: here the primary says when.
    process.on('SIGINT', () => {});
  });
  let server: Server | undefined;
  let exitCode = 0;
  try {
    server = await createServer({ domains: bundledDomains, config, logger, siblings });
    const { url } = await server.listen();
    send({ kind: 'ready', url, graphiqlUrl: graphiqlUrlOf(server, url) });
    await stopAsked;
  } catch (error) {
    const explanation = explain(error, config);
    if (explanation === null) logger.fatal({ err: error }, 'the start failed');
    else process.stderr.write(`${explanation}\n`);
    exitCode = 1;
  }
  await server?.close();
  // Open, it would keep the process alive.
  cluster.worker?.disconnect();
  return exitCode;
}
