/** Actual's sync server as it is installed, its files below FOLDER. */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../load.ts';
import { freePort, readyOn } from './until-stopped.ts';

const { FOLDER = '' } = process.env;
const port = await freePort();
process.env.ACTUAL_PORT = String(port);
process.env.ACTUAL_HOSTNAME = '127.0.0.1';
// Behind a proxy on this machine, which names the devices' addresses.
process.env.ACTUAL_TRUSTED_PROXIES = '127.0.0.1';
process.env.ACTUAL_DATA_DIR = FOLDER;
process.env.ACTUAL_SERVER_FILES = `${FOLDER}/server-files`;
process.env.ACTUAL_USER_FILES = `${FOLDER}/user-files`;
process.env.ACTUAL_UPLOAD_FILE_SYNC_SIZE_LIMIT_MB = '500';
await mkdir(`${FOLDER}/server-files`, { recursive: true });
await mkdir(`${FOLDER}/user-files`, { recursive: true });
await load(new URL('../node_modules/@actual-app/sync-server/build/app.js', import.meta.url).href);

const isUp = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    (response) => response.ok,
    () => false,
  );
while (!(await isUp())) await sleep(20);
readyOn(port);
