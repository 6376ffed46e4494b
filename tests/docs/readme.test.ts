/** The README's first sync, word for word, against a server that was started as the README says. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { dataFolder, type ServerProcess, startCommand } from '../torture/support/process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let server: ServerProcess;

beforeAll(async () => {
  server = await startCommand({ ACKORD_DATA_DIR: await dataFolder() });
});

/** The shell blocks under a heading. */
async function blocksUnder(heading: string): Promise<string[]> {
  const text = await readFile(`${ROOT}README.md`, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
}

function bash(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const shell = spawn('bash', ['-eu', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    shell.on('error', reject);
    shell.on('close', () => resolve(output));
  });
}

test('copying the blocks of "The first sync" one after the other does what the text says', async () => {
  const blocks = await blocksUnder('The first sync');
  expect(blocks).toHaveLength(4);
  const output = await bash(blocks.join('\n').replaceAll('http://127.0.0.1:4000', server.url));
  const answers =
    output.match(/\{"data":\{"(register|bulkSync|resolveConflict|enhancedSync)".*?\}\}(?=\{"data"|\s*$)/gs) ??
    [];
  expect(answers, output).toHaveLength(6);
  const [registered, pushed, first, second, resolved, read] = answers.map(
    (answer) => JSON.parse(answer).data,
  );
  expect(registered.register.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(pushed.bulkSync).toMatchObject({ failed: [], conflicts: [], processedCount: 2 });
  expect(pushed.bulkSync.successful.map((row: { outcome: string }) => row.outcome)).toEqual([
    'applied',
    'applied',
  ]);
  expect(first.bulkSync).toMatchObject({ successful: [{ outcome: 'applied' }], failed: [] });
  expect(second.bulkSync).toMatchObject({
    successful: [{ outcome: 'conflict', winner: 'client', mergedFields: ['address', 'title'] }],
    failed: [],
  });
  expect(resolved.resolveConflict).toMatchObject({ syncVersion: 4 });
  expect(read.enhancedSync).toMatchObject({
    trips: [{ name: 'Brittany', role: 'OWNER' }],
    memories: [
      {
        title: 'The lighthouse of Batz',
        content: 'The lamp was lit at nine.',
        address: 'Île de Batz',
        syncVersion: 4,
      },
    ],
    hasMore: false,
  });
});

test('every page that the README links to is there', async () => {
  const text = await readFile(`${ROOT}README.md`, 'utf8');
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !link.startsWith('https:'));
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) await expect(readFile(`${ROOT}${link}`, 'utf8'), link).resolves.toBeTruthy();
});
