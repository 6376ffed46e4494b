/**
 * `ackord start`: runs the server until it is told to stop, in one process or in several. The first SIGINT or SIGTERM lets
 * running requests finish, the second one ends at once.
 */
import cluster from 'node:cluster';
import {
  type Config,
  createLogger,
  createServer,
  type Logger,
  removeRunningNote,
  type Server,
  writeRunningNote,
} from '@ackord/server';
import { boundGarbage } from '../bound-garbage.ts';
import { readConfiguration } from '../configuration.ts';
import { bundledDomains } from '../domains.ts';
import { explain } from '../explain.ts';
import { graphiqlUrlOf } from '../graphiql-url.ts';
import { parentGone } from '../parent-gone.ts';
import { sayHello } from '../say-hello.ts';
import { stopSignal } from '../stop-signal.ts';
import { runPrimary } from '../workers/primary.ts';
import { runWorker } from '../workers/worker.ts';

/** Resolves with the exit code. */
export async function start(options: {
  readonly port: string | null;
  readonly dataFolder: string | null;
  readonly workers: string | null;
}): Promise<number> {
  const { port: PORT, dataFolder: ACKORD_DATA_DIR, workers: WORKERS } = options;
  // What the primary process found out is newer than its command line, which its workers have too.
  const overrides = cluster.isWorker ? { ACKORD_DATA_DIR } : { PORT, ACKORD_DATA_DIR, WORKERS };
  const configured = readConfiguration(overrides);
  if (!configured) return 1;
  const { config, warnings } = configured;
  const logger = createLogger({ level: config.logLevel });
  endOnDefects(logger);
  boundGarbage();
  if (cluster.isWorker) return runWorker(config, logger);
  for (const warning of warnings) logger.warn(warning);
  return config.workers > 1 ? runPrimary(config, logger) : runAlone(config, logger);
}

async function runAlone(config: Config, logger: Logger): Promise<number> {
  const stopAsked = Promise.race([stopSignal(), parentGone()]);
  let server: Server | undefined;
  try {
    server = await createServer({ domains: bundledDomains, config, logger });
    const { url } = await server.listen();
    await announce(server, config, logger, url);
  } catch (error) {
    await server?.close();
    return failed(error, config, logger);
  }
  await stopAsked;
  await server.close();
  await removeRunningNote(config.dataFolder);
  return 0;
}

async function announce(server: Server, config: Config, logger: Logger, url: string): Promise<void> {
  const { urls, embeddedVersion } = server.database;
  // Only for the own PostgreSQL: everybody can go to another one without asking us.
  if (embeddedVersion !== null)
    await writeRunningNote(config.dataFolder, { pid: process.pid, url, database: urls });
  sayHello({ url, config, embeddedVersion, graphiqlUrl: graphiqlUrlOf(server, url) }, logger);
}

function failed(error: unknown, config: Config, logger: Logger): number {
  const explanation = explain(error, config);
  if (explanation === null) logger.fatal({ err: error }, 'the start failed');
  else process.stderr.write(`${explanation}\n`);
  return 1;
}

/** A defect that nobody caught leaves the state unknown: better to end and be started again than to go on. */
function endOnDefects(logger: Logger): void {
  const end = (error: unknown): void => {
    logger.fatal({ err: error }, 'ended by a defect');
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
