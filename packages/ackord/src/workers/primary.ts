/**
 * `ackord start --workers`: the process that holds the port, the own PostgreSQL where there is one, and the workers, which
 * do all the work. A worker that ends by itself takes its connections along and nothing else.
 */
import { createRegistry, LIMITS } from '@ackord/core';
import {
  type Config,
  type Logger,
  type OpenedDatabase,
  openDatabaseOf,
  removeRunningNote,
  tokensOf,
  writeRunningNote,
} from '@ackord/server';
import { bundledDomains } from '../domains.ts';
import { explain } from '../explain.ts';
import { parentGone } from '../parent-gone.ts';
import { sayHello } from '../say-hello.ts';
import { stopSignal } from '../stop-signal.ts';
import { type Crew, startCrew } from './crew.ts';

/** Resolves with the exit code. */
export async function runPrimary(config: Config, logger: Logger): Promise<number> {
  let crew: Crew | undefined;
  const stopAsked = Promise.race([stopSignal(() => crew?.kill()), parentGone()]);
  let own: OpenedDatabase | null = null;
  try {
    // Made here where it is missing: the workers would each make one of their own.
    await tokensOf(config);
    if (config.database.url === null) own = await openOwn(config, logger);
    crew = startCrew({
      size: config.workers,
      environment: { PORT: String(config.http.port), ...(own !== null && urlsOf(own)) },
      logger,
      stopMsMax: config.http.shutdownDelayMs + config.http.shutdownMsMax + 3 * LIMITS.stopStepMsMax,
    });
    const ready = await Promise.race([crew.ready, stopAsked.then(() => 'stop' as const)]);
    if (ready === null) return 1;
    if (ready !== 'stop') {
      await announce(config, logger, ready, own);
      await stopAsked;
    }
    return 0;
  } catch (error) {
    const explanation = explain(error, config);
    if (explanation === null) logger.fatal({ err: error }, 'the start failed');
    else process.stderr.write(`${explanation}\n`);
    return 1;
  } finally {
    logger.info('stopping');
    await crew?.stop();
    await own?.close();
    if (own !== null) await removeRunningNote(config.dataFolder);
    logger.info('stopped');
  }
}

/** As the workers find it: of a database that is given they hear from the same settings. */
const openOwn = (config: Config, logger: Logger): Promise<OpenedDatabase> =>
  openDatabaseOf({
    config: { ...config, database: { ...config.database, poolMax: 1 } },
    registry: createRegistry(bundledDomains.map(({ definition }) => definition)),
    logger,
  });

const urlsOf = ({ urls: { ownerUrl, appUrl } }: OpenedDatabase): Record<string, string> => ({
  DATABASE_URL: ownerUrl,
  ...(appUrl !== undefined && { DATABASE_APP_URL: appUrl }),
});

async function announce(
  config: Config,
  logger: Logger,
  { url, graphiqlUrl }: { readonly url: string; readonly graphiqlUrl: string | null },
  own: OpenedDatabase | null,
): Promise<void> {
  if (own !== null) await writeRunningNote(config.dataFolder, { pid: process.pid, url, database: own.urls });
  sayHello({ url, config, embeddedVersion: own?.embeddedVersion ?? null, graphiqlUrl }, logger);
}
