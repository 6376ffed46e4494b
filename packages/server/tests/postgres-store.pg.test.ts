/** The store on PostgreSQL passes what every store must. */

import { getTestPostgres } from '../../../tests/support/postgres.ts';
import { openPostgresStore } from '../src/store/postgres-store.ts';
import { registerStoreTests, storeTestRegistry } from './store-conformance.ts';

registerStoreTests('postgres', async () => {
  const database = await (await getTestPostgres()).createDatabase();
  const opened = await openPostgresStore({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    registry: storeTestRegistry,
    log: () => {},
  });
  return {
    store: opened.store,
    registry: storeTestRegistry,
    close: async () => {
      await opened.close();
      await database.drop();
    },
  };
});
