/** Parse Server on PostgreSQL, with live queries over one class. The database is told by PGHOST, PGPORT, PGUSER, PGDATABASE. */
import { load } from '../load.ts';
import { freePort, readyOn } from './until-stopped.ts';

interface Running {
  handleShutdown(): Promise<void>;
}
type ParseServerClass = { startApp(options: object): Promise<Running> };

const { ParseServer } = await load<{ ParseServer: ParseServerClass }>('parse-server');
const { PGHOST = '', PGPORT = '5432', PGUSER = '', PGDATABASE = '', FOLDER = '' } = process.env;
const port = await freePort();
const everyone = { '*': true };
const text = { type: 'String' };
const server = await ParseServer.startApp({
  databaseURI: `postgres://localhost/${PGDATABASE}`,
  databaseOptions: { host: PGHOST, port: Number(PGPORT), user: PGUSER, database: PGDATABASE, max: 20 },
  appId: 'bench',
  masterKey: 'bench-master',
  javascriptKey: 'bench-javascript',
  serverURL: `http://127.0.0.1:${port}/parse`,
  mountPath: '/parse',
  host: '127.0.0.1',
  port,
  // Ids are made on the device, as apps that work offline need it.
  allowCustomObjectId: true,
  maxUploadSize: '200mb',
  silent: true,
  logsFolder: FOLDER,
  enableInsecureAuthAdapters: false,
  liveQuery: { classNames: ['Item'] },
  startLiveQueryServer: true,
  schema: {
    definitions: [
      {
        className: 'Item',
        fields: { name: text, text, amount: { type: 'Number' }, editedAt: text },
        indexes: { by_change: { updatedAt: 1 } },
        classLevelPermissions: {
          find: everyone,
          count: everyone,
          get: everyone,
          create: everyone,
          update: everyone,
        },
      },
    ],
  },
});
readyOn(port, () => server.handleShutdown());
