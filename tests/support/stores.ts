/** The stores that engine suites run on. */
import { createMemoryStore, openPostgresStore, type Store } from '@ackord/server';
import { registry } from './engine.ts';
import { getTestPostgres } from './postgres.ts';

export interface OpenedStore {
  readonly store: Store;
  /** The owner's connection string, for tests that look at the tables; null: there are none. */
  readonly ownerUrl: string | null;
  close(): Promise<void>;
}

export const openMemory = async (): Promise<OpenedStore> => ({
  store: createMemoryStore({ registry }),
  ownerUrl: null,
  close: async () => {},
});

/** A fresh database, seen as the application's role. */
export async function openPostgres(): Promise<OpenedStore> {
  const database = await (await getTestPostgres()).createDatabase();
  const opened = await openPostgresStore({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    registry,
    log: () => {},
  });
  return {
    store: opened.store,
    ownerUrl: database.ownerUrl,
    close: async () => {
      await opened.close();
      await database.drop();
    },
  };
}
