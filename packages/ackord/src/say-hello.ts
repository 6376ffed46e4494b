/** Tells that the server listens: to people in words, to programs as a line of the log. */
import type { Logger } from '@ackord/server';
import { hello, type Running } from './hello.ts';

export function sayHello(running: Running, logger: Logger): void {
  const { url, config, embeddedVersion: postgres } = running;
  // Where the output is no terminal it is read as JSON lines: there the words for people go beside it.
  const { stdout, stderr } = process;
  const page = stdout.isTTY ? stdout : config.production ? null : stderr;
  page?.write(hello(running));
  const { environment, dataFolder, workers } = config;
  logger.info(
    { url, environment, ...(workers > 1 && { workers }), ...(postgres !== null && { dataFolder, postgres }) },
    'listening',
  );
}
