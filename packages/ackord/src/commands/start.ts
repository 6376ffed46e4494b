/**
 * `ackord start`: runs the server until it is told to stop. The first SIGINT or SIGTERM lets running requests finish,
 * the second one ends at once.
 */
import {
  type Config,
  createLogger,
  createServer,
  type Logger,
  removeRunningNote,
  type Server,
  writeRunningNote,
} from '@ackord/server';
import { readConfiguration } from '../configuration.ts';
import { bundledDomains } from '../domains.ts';
import { explain } from '../explain.ts';
import { hello } from '../hello.ts';
import { parentGone } from '../parent-gone.ts';

/** Resolves with the exit code. */
export async function start(options: {
  readonly port: string | null;
  readonly dataFolder: string | null;
}): Promise<number> {
  const configured = readConfiguration({ PORT: options.port, ACKORD_DATA_DIR: options.dataFolder });
  if (!configured) return 1;
  const { config, warnings } = configured;
  const logger = createLogger({ level: config.logLevel });
  endOnDefects(logger);
  const stopAsked = Promise.race([stopSignal(), parentGone()]);
  for (const warning of warnings) logger.warn(warning);

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
  const hasPage = server.app.hasRoute({ method: 'GET', url: '/graphql/graphiql/start.js' });
  const graphiqlUrl = hasPage ? `${url}/graphql` : null;
  // Where the output is no terminal it is read as JSON lines: there the words for people go beside it.
  const { stdout, stderr } = process;
  const page = stdout.isTTY ? stdout : config.production ? null : stderr;
  page?.write(hello({ url, config, embeddedVersion, graphiqlUrl }));
  const { environment, dataFolder } = config;
  logger.info(
    { url, environment, ...(embeddedVersion && { dataFolder, postgres: embeddedVersion }) },
    'listening',
  );
}

function failed(error: unknown, config: Config, logger: Logger): number {
  const explanation = explain(error, config);
  if (explanation === null) logger.fatal({ err: error }, 'the start failed');
  else process.stderr.write(`${explanation}\n`);
  return 1;
}

/** Resolves at the first signal. The exit code at the second one is what shells expect of a killed program. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (exitCode: number) => (): void => {
      if (asked) process.exit(exitCode);
      asked = true;
      resolve();
    };
    process.on('SIGINT', ask(130));
    process.on('SIGTERM', ask(143));
  });
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
