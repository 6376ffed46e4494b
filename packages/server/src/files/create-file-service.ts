/** Puts the parts of files together, for one server: the store that is configured, the service, its routes, the sweep. */
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { createFiles, type FilesParts } from './files.ts';
import { openLocalStore } from './local-store.ts';
import type { FileStore, Files, FileTable } from './ports.ts';
import { fileRoutes } from './routes.ts';
import { type Sweep, startSweep } from './sweep.ts';

export interface FileServiceParts {
  readonly config: Config['files'];
  readonly table: FileTable;
  readonly engine: FilesParts['engine'];
  /** Secrets of the database, newest first; asked anew each time. */
  readonly secrets: () => readonly Uint8Array[];
  readonly onSweepFailure: (cause: unknown) => void;
  /** Asked before each step of the sweep: does this server lead? Left out: it does. */
  readonly mayAct?: () => Promise<boolean>;
}

export interface FileService {
  readonly files: Files;
  /** The bytes themselves, for what is no file of a record. */
  readonly store: FileStore;
  readonly sweep: Sweep;
  /** Adds what the store serves itself; nothing for S3. */
  addRoutes(app: FastifyInstance): Promise<void>;
  close(): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;

/** Rejects when the folder can't be made. That S3 is away is no reason not to start. */
export async function createFileService(parts: FileServiceParts): Promise<FileService> {
  const { config, table, engine, secrets, onSweepFailure, mayAct = async () => true } = parts;
  const graceMs = config.graceDays * DAY_MS;
  const opened = await openStore(config, table, secrets);
  const { store } = opened;
  const sweep = startSweep({ store, table, graceMs, mayAct, onFailure: onSweepFailure });
  return {
    files: createFiles({ store, table, engine, graceMs }),
    store,
    sweep,
    addRoutes: opened.addRoutes,
    async close() {
      await sweep.stop();
      opened.close();
    },
  };
}

interface OpenedStore {
  readonly store: FileStore;
  readonly addRoutes: FileService['addRoutes'];
  readonly close: () => void;
}

async function openStore(
  { s3, folder }: Config['files'],
  table: FileTable,
  secrets: () => readonly Uint8Array[],
): Promise<OpenedStore> {
  if (s3) {
    // Its library takes a quarter of a second and 26 MB: only for those who use it.
    const { openS3Store } = await import('./s3-store.ts');
    const store = openS3Store(s3);
    return { store, addRoutes: async () => {}, close: store.close };
  }
  const store = await openLocalStore(folder, { secrets, now: Date.now });
  return {
    store,
    addRoutes: async (app) => {
      await app.register((scope) => fileRoutes(scope, { store, table }));
    },
    close: () => {},
  };
}
