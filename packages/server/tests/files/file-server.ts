/** The HTTP shell with the routes of the local store, on a free port and in a folder of its own. */
import { randomBytes } from 'node:crypto';
import { makeTempFolder } from '../../../../tests/support/temp-folder.ts';
import { type Environment, parseConfig } from '../../src/config.ts';
import { type LocalStore, openLocalStore } from '../../src/files/local-store.ts';
import type { FileRow } from '../../src/files/ports.ts';
import { fileRoutes } from '../../src/files/routes.ts';
import { createHttpServer } from '../../src/http.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createMetrics } from '../../src/observe/metrics.ts';

export interface FileServer {
  readonly store: LocalStore;
  readonly base: string;
  readonly port: number;
  readonly folder: string;
  /** Keys whose upload has been completed. */
  readonly completed: Set<string>;
  readonly log: readonly string[];
  close(): Promise<void>;
}

export async function startFileServer(
  environment: Environment = {},
  uploadsAtOnceMax?: number,
): Promise<FileServer> {
  const parsed = parseConfig({ PORT: '0', ...environment });
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const folder = await makeTempFolder('ackord-files');
  const secret = randomBytes(32);
  const store = await openLocalStore(folder.path, { secrets: () => [secret], now: Date.now });
  const completed = new Set<string>();
  const log: string[] = [];
  const server = await createHttpServer({
    config: parsed.config.http,
    logger: createLogger({ level: 'warn', destination: { write: (line: string) => void log.push(line) } }),
    metrics: createMetrics({ entityTypes: new Set(), process: false }),
    authenticate: async () => ({ outcome: 'anonymous', reason: 'no-token' }),
    checks: {},
  });
  const table = {
    byKey: async (key: string) => ({ key, state: completed.has(key) ? 'complete' : 'pending' }) as FileRow,
  };
  const settings = uploadsAtOnceMax === undefined ? {} : { uploadsAtOnceMax };
  await server.app.register((scope) => fileRoutes(scope, { store, table, ...settings }));
  const { url } = await server.listen();
  return {
    store,
    base: url,
    port: Number(new URL(url).port),
    folder: folder.path,
    completed,
    log,
    close: async () => {
      await server.close();
      await folder.remove();
    },
  };
}
