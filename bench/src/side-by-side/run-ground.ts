/** Runs the process that measures a ground, listens to it, and ends it with all its processes when it does not end. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../server.ts';
import type { Told } from './measure.ts';
import type { StepOutcome } from './outcome.ts';
import { FULL, type GroundName, SMALL, type Step, sameStep, stepsOf } from './workload.ts';

const MEASURE = fileURLToPath(new URL('./measure.ts', import.meta.url));
/** The limits of the steps end it sooner; this is for a process that hangs. */
const GROUND_MS_MAX = 20 * 60_000;

export type GroundResult =
  | { readonly installed: false }
  | { readonly installed: true; readonly steps: readonly StepOutcome[] };

export async function runGround(
  key: string,
  ground: GroundName,
  small: boolean,
  onStep: (step: StepOutcome) => void,
): Promise<GroundResult> {
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=64',
      '--import',
      '@ackord/run-typescript',
      MEASURE,
      key,
      ground,
      small ? 'small' : 'full',
    ],
    // A group of its own: its servers can be ended with it.
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true },
  );
  const steps: StepOutcome[] = [];
  let notInstalled = false;
  let fault = '';
  child.on('message', (told: Told) => {
    switch (told.type) {
      case 'step': {
        const { workload, size, outcome } = told;
        steps.push({ workload, size, outcome });
        onStep({ workload, size, outcome });
        break;
      }
      case 'not installed':
        notInstalled = true;
        break;
      case 'not started':
        fault = told.reason;
    }
  });
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk}`.slice(-4_000);
  });
  const endGroup = (): void => endGroupOf(child.pid);
  process.once('exit', endGroup);
  const late = setTimeout(() => {
    fault = 'the process that measures did not end';
    endGroup();
  }, GROUND_MS_MAX);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  process.off('exit', endGroup);
  endGroup();
  if (notInstalled) return { installed: false };
  if (fault === '' && code !== 0)
    fault = lastLine(lastWords) || `the process that measures ended with ${code}`;
  return { installed: true, steps: complete(stepsOf(ground, small ? SMALL : FULL), steps, fault) };
}

/** Every planned step has an outcome: what never began says why. */
export function complete(
  planned: readonly Step[],
  told: readonly StepOutcome[],
  fault: string,
): StepOutcome[] {
  let before = '';
  return planned.map((step) => {
    const found = told.find((one) => sameStep(one, step));
    if (found?.outcome.kind === 'measured') return found;
    const reason = fault === '' ? `not tried after ${before || 'the start'}` : fault;
    const missing: StepOutcome =
      found ??
      (before === '' && fault !== ''
        ? { ...step, outcome: { kind: 'failed', reason } }
        : { ...step, outcome: { kind: 'not tried', reason } });
    before ||= `${step.workload} with ${step.size.toLocaleString('en')} had failed`;
    return missing;
  });
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

function endGroupOf(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // None of it is left, as it should be.
  }
}
