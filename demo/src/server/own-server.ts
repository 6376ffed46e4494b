/**
 * Ackord itself, for the length of the story: on a free port of this machine, with its own PostgreSQL in a temporary
 * folder. `close` leaves nothing of it behind.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, createServer, parseConfig, type Server } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';

export interface OwnServer {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  readonly postgresVersion: string;
  /** Lines of its log that somebody should look at. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function startOwnServer(): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ackord-demo-'));
  // Root can't run PostgreSQL, so another user does, who has to come through.
  await chmod(folder, 0o711);
  const complaints: string[] = [];
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const server = await create(folder, complaints);
    const close = async () => {
      await server.close();
      await removeFolder();
    };
    try {
      const { url } = await server.listen();
      const postgresVersion = server.database.embeddedVersion ?? '';
      return { url: `${url}/graphql`, postgresVersion, complaints, close };
    } catch (error) {
      await server.close();
      throw error;
    }
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function create(dataFolder: string, complaints: string[]): Promise<Server> {
  // Settings of the machine's own server are none of the story's business.
  const parsed = parseConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    ACKORD_DATA_DIR: dataFolder,
    LOG_LEVEL: 'error',
  });
  if (!parsed.ok) throw new Error(parsed.problems.join(' '));
  return createServer({
    config: parsed.config,
    domains: [{ definition: travelDomain, graphql: travelGraphQL, path: '/graphql' }],
    logger: createLogger({
      level: parsed.config.logLevel,
      destination: { write: (line) => void complaints.push(line.trim()) },
    }),
  });
}
