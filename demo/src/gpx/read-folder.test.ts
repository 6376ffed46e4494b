import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../../tests/support/temp-folder.ts';
import { listGpxFolder, readGpxFile } from './read-folder.ts';

let folder: TempFolder;
beforeAll(async () => {
  folder = await makeTempFolder('ackord-gpx');
});
afterAll(() => folder.remove());

const write = (name: string, content: string | Uint8Array) => writeFile(join(folder.path, name), content);

describe('a folder of GPX files', () => {
  test('the names of its GPX files, sorted', async () => {
    await write('b.gpx', '<gpx/>');
    await write('A.GPX', '<gpx/>');
    await write('notes.txt', 'no');
    await mkdir(join(folder.path, 'c.gpx'));
    expect(await listGpxFolder(folder.path)).toEqual(['A.GPX', 'b.gpx']);
  });

  test('an unknown folder is none, and so is a file', async () => {
    expect(await listGpxFolder(join(folder.path, 'nowhere'))).toBeNull();
    expect(await listGpxFolder(join(folder.path, 'b.gpx'))).toBeNull();
  });

  test('files in other encodings', async () => {
    const content = '<gpx><wpt lat="1" lon="2"><name>Zürich</name></wpt></gpx>';
    await write('latin.gpx', Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${content}`, 'latin1'));
    await write('wide.gpx', Buffer.from(`\ufeff${content}`, 'utf16le'));
    await write('marked.gpx', `\ufeff${content}`);
    await write('lying.gpx', `<?xml version="1.0" encoding="utf-16"?>${content}`);
    await write('odd.gpx', `<?xml version="1.0" encoding="klingon-8"?>${content}`);
    for (const name of ['latin.gpx', 'wide.gpx', 'marked.gpx', 'lying.gpx', 'odd.gpx']) {
      expect(await readGpxFile(folder.path, name), name).toMatchObject({
        ok: true,
        file: { waypoints: [{ name: 'Zürich' }] },
      });
    }
  });

  test('what cannot be read says so', async () => {
    expect(await readGpxFile(folder.path, 'gone.gpx')).toEqual({
      ok: false,
      reason: 'cannot be read (ENOENT)',
    });
    expect(await readGpxFile(folder.path, 'c.gpx')).toEqual({ ok: false, reason: 'is no file' });
  });
});
