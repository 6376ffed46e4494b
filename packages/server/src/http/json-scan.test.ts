import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tooMuchJson } from './json-scan.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const bounds = { depthMax: 5, valuesMax: 50, membersMax: 4 };

function facts(value: unknown): { depth: number; values: number; members: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1, members: 0 };
  const parts = Object.values(value).map(facts);
  return {
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
    values: 1 + parts.reduce((sum, part) => sum + part.values, 0),
    members: Math.max(Array.isArray(value) ? 0 : parts.length, 0, ...parts.map(({ members }) => members)),
  };
}

test('finds too deep what is too deep, and too wide what is too wide', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.boolean(), (value, spaced) => {
      const { depth, values, members } = facts(value);
      const said = tooMuchJson(bytes(JSON.stringify(value, null, spaced ? 2 : 0)), bounds);
      if (depth > 5 || members > 4) expect(said).not.toBeNull();
      // Where several faults meet, any of them may be told. Empty lists and objects count for two values.
      else if (values <= 25) expect(said).toBeNull();
    }),
  );
});

test('brackets, commas and quotes in texts are texts', () => {
  for (const text of ['[[[[[[[[', '{"', '\\"[[[[[[[', '::::::::', '\\', '\\\\"', ',,,'.repeat(50), 'ä€😀[']) {
    for (const long of ['', 'x'.repeat(60), 'x'.repeat(200)]) {
      const around = { [text]: `${long}${text}${long}`, [`${text}${long}`]: [1, text + long] };
      expect(tooMuchJson(bytes(JSON.stringify(around)), bounds)).toBeNull();
      const deep = JSON.stringify([around, [[[[[]]]]]]);
      expect(tooMuchJson(bytes(deep), bounds)).toContain('5 deep');
    }
  }
});

test('what is no JSON is left to the parser', () => {
  for (const text of [`"${'x'.repeat(300)}`, `"${'x'.repeat(300)}\\`, ']]]]', '"', '"\\', '}{', '', ':,:']) {
    expect(tooMuchJson(bytes(text), bounds)).toBeNull();
  }
});

test('says what there is too much of', () => {
  expect(tooMuchJson(bytes('['.repeat(6)), bounds)).toContain('5 deep');
  expect(tooMuchJson(bytes(`[${'1,'.repeat(60)}1]`), bounds)).toContain('50 values');
  expect(tooMuchJson(bytes('[{"a":1,"b":1},{"a":1,"b":1,"c":1,"d":1,"e":1}]'), bounds)).toContain(
    '4 members',
  );
});
