/** What processes of this machine hold in memory, in megabytes: as the system counts it, so nobody has to be asked. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Resident now; 0 when there is no such process. */
export const residentMb = (pid: number): Promise<number> => statusMb(pid, 'VmRSS');

/** The most that was resident since the process began; where the system does not keep that, what is resident now. */
export const peakMb = (pid: number): Promise<number> => statusMb(pid, 'VmHWM');

async function statusMb(pid: number, line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  if (status === null) return fromPs(pid);
  return Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
}

/** For systems without /proc. */
function fromPs(pid: number): number {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
  } catch {
    return 0;
  }
}
