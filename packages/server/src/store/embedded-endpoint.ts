/**
 * Where the embedded PostgreSQL listens, and the connection strings that lead there.
 *
 * On a Unix socket in a folder that only its user (and root) can enter: being able to reach it is the proof of
 * identity, so no password is kept. The socket stands inside the database folder, which PostgreSQL keeps private;
 * only where that path is too long for a socket, in a private folder with a short name, the same at every start.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemErrorCode } from './embedded-errors.ts';
import type { DataPlace } from './embedded-folder.ts';
import { APP_ROLE, DATABASE, OWNER_ROLE } from './embedded-initialize.ts';
import { makePassableFolder, makePrivateFolder } from './embedded-system-folder.ts';

export interface Passwords {
  readonly owner: string;
  readonly app: string;
}

export type Endpoint =
  | { readonly kind: 'socket'; readonly folder: string }
  | { readonly kind: 'network'; readonly port: number; readonly passwords: Passwords };

/** The port only names the socket file here. */
const SOCKET_PORT = 5432;

/** The longest path of a socket that the system takes, its closing NUL left out. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

export const fitsSocketPath = (folder: string): boolean =>
  Buffer.byteLength(join(folder, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_BYTES_MAX;

/** `passwords` are needed where the system has no Unix sockets that the driver could use. */
export async function chooseEndpoint(place: DataPlace, passwords: Passwords | undefined): Promise<Endpoint> {
  if (passwords !== undefined) return { kind: 'network', port: await freePort(), passwords };
  if (fitsSocketPath(place.cluster)) return { kind: 'socket', folder: place.cluster };
  return { kind: 'socket', folder: await shortFolder(place) };
}

async function shortFolder({ cluster, account }: DataPlace): Promise<string> {
  const hash = createHash('sha256').update(cluster).digest('hex').slice(0, 16);
  const owner = account ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const folder =
    account === undefined
      ? `/tmp/ackord-${owner.uid}-${hash}`
      : join(await makePassableFolder('/var/run/ackord'), hash);
  await makePrivateFolder(folder, owner);
  return folder;
}

export function endpointSettings(endpoint: Endpoint): Record<string, string> {
  switch (endpoint.kind) {
    case 'socket':
      return {
        listen_addresses: '',
        port: String(SOCKET_PORT),
        // A list: quotes keep a comma in a path from splitting it.
        unix_socket_directories: `"${endpoint.folder.replaceAll('"', '""')}"`,
        unix_socket_permissions: '0700',
      };
    case 'network':
      return { listen_addresses: '127.0.0.1', port: String(endpoint.port), unix_socket_directories: '' };
  }
}

/** For the `pg` library and for libpq alike. Nothing is left to PG* variables of the environment. */
export function connectionStrings(endpoint: Endpoint): { owner: string; app: string } {
  switch (endpoint.kind) {
    case 'socket': {
      const where = `host=${encodeURIComponent(endpoint.folder)}&port=${SOCKET_PORT}&sslmode=disable`;
      return {
        owner: `postgres://${OWNER_ROLE}@/${DATABASE}?${where}`,
        app: `postgres://${APP_ROLE}@/${DATABASE}?${where}`,
      };
    }
    case 'network': {
      const where = `127.0.0.1:${endpoint.port}/${DATABASE}?sslmode=disable`;
      return {
        owner: `postgres://${OWNER_ROLE}:${endpoint.passwords.owner}@${where}`,
        app: `postgres://${APP_ROLE}:${endpoint.passwords.app}@${where}`,
      };
    }
  }
}

/**
 * Windows only, and written without one to try it on: Node has no Unix sockets there, so PostgreSQL listens on the
 * loopback address and asks for passwords, which are kept in the data folder. undefined on every other system.
 */
export async function passwordsIfNeeded(dataFolder: string): Promise<Passwords | undefined> {
  if (process.platform !== 'win32') return undefined;
  const file = join(dataFolder, 'postgres.passwords');
  const fresh = `${randomBytes(24).toString('hex')}\n${randomBytes(24).toString('hex')}\n`;
  await writeFile(file, fresh, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  });
  const [owner = '', app = ''] = (await readFile(file, 'utf8')).split('\n');
  return { owner, app };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
