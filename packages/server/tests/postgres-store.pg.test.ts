/** The store on PostgreSQL passes what every store must; a second server works on the same database. */

import { getTestPostgres } from '../../../tests/support/postgres.ts';
import { openPostgresStore } from '../src/store/postgres-store.ts';
import { registerStoreTests, storeTestRegistry } from './store-conformance.ts';

registerStoreTests('postgres', async () => {
  const database = await (await getTestPostgres()).createDatabase();
  const open = () =>
    openPostgresStore({
      ownerUrl: database.ownerUrl,
      appUrl: database.appUrl,
      registry: storeTestRegistry,
      log: () => {},
    });
  const [first, second] = await Promise.all([open(), open()]);
  return {
    store: first.store,
    second: second.store,
    registry: storeTestRegistry,
    close: async () => {
      await Promise.all([first.close(), second.close()]);
      await database.drop();
    },
  };
});
