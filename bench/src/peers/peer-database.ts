/**
 * A PostgreSQL of its own for a peer that stores in one: the same programs and settings as Ackord's, so that a commit
 * reaches the disk in both. Input: an empty folder. Promises: nothing of it runs after stop().
 */
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@ackord/server';

export interface PeerDatabase {
  /** As the owner of the database, for libraries that take the parts of an address. */
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly database: string;
  /** For libraries that take libpq's form. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startPeerDatabase(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<PeerDatabase> {
  const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), settings });
  const url = postgres.ownerConnectionString;
  const [, user = '', database = '', query = ''] = /^postgres:\/\/([^@]+)@\/([^?]+)\?(.*)$/.exec(url) ?? [];
  const where = new URLSearchParams(query);
  return {
    host: where.get('host') ?? '',
    port: where.get('port') ?? '5432',
    user,
    database,
    url,
    stop: postgres.stop,
  };
}
