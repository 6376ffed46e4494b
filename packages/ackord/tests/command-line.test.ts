import { expect, test } from 'vitest';
import { parseCommand } from '../src/command-line.ts';

const words = (line: string): string[] => line.split(' ').filter(Boolean);

test.each([
  ['', { name: 'start', port: null, dataFolder: null, workers: null }],
  ['start', { name: 'start', port: null, dataFolder: null, workers: null }],
  ['--port 4001', { name: 'start', port: '4001', dataFolder: null, workers: null }],
  [
    'start --port=0 --data-dir ./elsewhere',
    { name: 'start', port: '0', dataFolder: './elsewhere', workers: null },
  ],
  ['start --workers 3', { name: 'start', port: null, dataFolder: null, workers: '3' }],
  ['token --email a@example.org', { name: 'token', email: 'a@example.org', allowProduction: false }],
  ['token --email a@b.c --allow-production', { name: 'token', email: 'a@b.c', allowProduction: true }],
  ['generate', { name: 'generate', check: false }],
  ['generate --check', { name: 'generate', check: true }],
  ['migrate up', { name: 'migrate', direction: 'up' }],
  ['migrate down --to 2', { name: 'migrate', direction: 'down', to: 2 }],
  ['migrate down --to 0 --delete-all-data', { name: 'migrate', direction: 'down', to: 0 }],
  [
    'import travel --from postgres://old',
    { name: 'import-travel', from: 'postgres://old', isDryRun: false, withFiles: false },
  ],
  [
    'import travel --dry-run --from=x',
    { name: 'import-travel', from: 'x', isDryRun: true, withFiles: false },
  ],
  ['import finance --from data --dry-run', { name: 'import-finance', from: 'data', isDryRun: true }],
  ['import travel --files --from=x', { name: 'import-travel', from: 'x', isDryRun: false, withFiles: true }],
  ['--help', { name: 'help' }],
  ['-h', { name: 'help' }],
  ['help', { name: 'help' }],
  ['token --help', { name: 'help' }],
  ['--version', { name: 'version' }],
])('ackord %s', (line, command) => {
  expect(parseCommand(words(line))).toEqual({ ok: true, command });
});

test.each([
  ['strat', 'There is no command "strat".'],
  ['--prot 4001', "Unknown option '--prot'."],
  ['start --email a@b.c', "Unknown option '--email'."],
  ['start now', /Unexpected argument 'now'/],
  ['--port', /^Option '--port <value>' argument missing\.$/],
  ['token', 'token needs --email <address>.'],
  ['generate --check=maybe', /^Option '--check' does not take an argument\.$/],
  ['import', 'import needs to know what: import travel, or import finance.'],
  ['import all --from x', 'import needs to know what: import travel, or import finance.'],
  ['import finance', 'import finance needs --from <data folder of the original server>.'],
  ['import finance --from x --files', "Unknown option '--files'."],
  ['import travel', 'import travel needs --from <address of the older database>.'],
  ['migrate', 'migrate needs a direction: up or down.'],
  ['migrate sideways', 'migrate needs a direction: up or down.'],
  ['migrate up --to 3', "Unknown option '--to'."],
  ['migrate down', /needs --to/],
  ['migrate down --to some', /needs --to/],
  ['migrate down --to 0', /deletes all data/],
  ['constructor', 'There is no command "constructor".'],
])('ackord %s is refused', (line, problem) => {
  const parsed = parseCommand(words(line));
  if (parsed.ok) throw new Error('it was accepted');
  if (typeof problem === 'string') expect(parsed.problem).toBe(problem);
  else expect(parsed.problem).toMatch(problem);
  expect(parsed.problem).not.toContain('\n');
});
