/**
 * Real files, of a folder that the variable GPX_FOLDER names: each is read, and its length agrees to 1 % with sums over
 * a geodesic library, taken from what a plain search of the text finds.
 */
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGpx } from '../../src/gpx/read-gpx.ts';
import { totalsOf } from '../../src/gpx/totals.ts';
import { exactMeters } from './exact.ts';

const folder = process.env.GPX_FOLDER;
const names = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.gpx'));

describe.skipIf(folder === undefined)('the files of GPX_FOLDER', () => {
  test('there are some', () => expect(names.length).toBeGreaterThan(0));

  test.each(names)('%s', async (name) => {
    const path = join(folder ?? '', name);
    const result = await readGpx(createReadStream(path));
    if (!result.ok) throw new Error(result.message);
    const totals = totalsOf(result.gpx);
    const lines = linesOf(readFileSync(path, 'utf8'));
    const length = lines.map(lengthOf).reduce((a, b) => a + b, 0);
    expect(Math.abs(totals.totalDistance - length)).toBeLessThanOrEqual(length / 100);
    if (lines.flat().length > 0) expect(totals.totalPoints).toBe(lines.flat().length);
  });
});

function linesOf(text: string) {
  const kind = text.includes('<trkpt') ? 'trkpt' : 'rtept';
  return text.split(/<\/(?:trkseg|rte)>/).map((part) =>
    [...part.matchAll(new RegExp(`<${kind}\\s[^>]*`, 'g'))].map(([tag]) => ({
      latitude: Number(/lat="([^"]*)"/.exec(tag)?.[1]),
      longitude: Number(/lon="([^"]*)"/.exec(tag)?.[1]),
    })),
  );
}

const lengthOf = (line: ReturnType<typeof linesOf>[number]): number =>
  line.slice(1).reduce((total, place, index) => total + exactMeters(line[index] ?? place, place), 0);
