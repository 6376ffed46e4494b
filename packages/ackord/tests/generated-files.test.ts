import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedFiles } from '../src/generated-files.ts';

const ROOT = new URL('../../../', import.meta.url);

test.each(generatedFiles())('$path is what `npm run generate` writes', async ({ path, text }) => {
  expect(await readFile(new URL(path, ROOT), 'utf8')).toBe(text);
});
