// The published vectors of RFC 8785, then what must hold for every value.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isWellFormedText } from './canonical-json.ts';
import type { JsonObject, JsonValue } from './json.ts';

describe('numbers of RFC 8785, appendix B', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('%s is written as %s', (bits, text) => {
    expect(canonicalJson(doubleOf(bits))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('%s is refused', (bits) => {
    expect(() => canonicalJson(doubleOf(bits))).toThrow(TypeError);
  });
});

describe('documents of RFC 8785 and of its author', () => {
  const documents: readonly [name: string, source: string, canonical: string][] = [
    [
      'the sample of §3.2.2',
      String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    ],
    [
      'the sorting of §3.2.3',
      String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"}`,
      `{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}`,
    ],
    ['arrays', '[56, {"d": true, "10": null, "1": [ ]}]', '[56,{"1":[],"10":null,"d":true}]'],
    [
      'french',
      '{"peach": "This sorting order", "péché": "is wrong according to French", "pêche": "but canonicalization MUST", "sin": "ignore locale"}',
      '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}',
    ],
    [
      'structures',
      String.raw`{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes", "E": "no" } ], "A": { }}`,
      String.raw`{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}`,
    ],
    [
      'unicode, which is not normalized',
      String.raw`{"Unnormalized Unicode": "A\u030a"}`,
      '{"Unnormalized Unicode":"A\u030a"}',
    ],
    [
      'values',
      String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "escaping": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
      String.raw`{"escaping":"€$\u000f\nA'B\"\\\\\"/","literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}`,
    ],
    [
      'weird',
      String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\u000a": "Newline", "1": "One", "\u0080": "Control\u007f",
        "\ud83d\ude02": "Smiley", "\u00f6": "Latin Small Letter O With Diaeresis",
        "\ufb33": "Hebrew Letter Dalet With Dagesh", "</script>": "Browser Challenge"}`,
      `{"\\n":"Newline","\\r":"Carriage Return","1":"One","</script>":"Browser Challenge","\u0080":"Control\u007f","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😂":"Smiley","\ufb33":"Hebrew Letter Dalet With Dagesh"}`,
    ],
  ];

  it.each(documents)('%s', (_name, source, canonical) => {
    expect(canonicalJson(JSON.parse(source))).toBe(canonical);
  });
});

describe('strings', () => {
  it.each([
    ['\b\t\n\f\r', String.raw`"\b\t\n\f\r"`],
    ['\u0000\u001f\u007f\u2028', '"\\u0000\\u001f\u007f\u2028"'],
    ['"\\/', String.raw`"\"\\/"`],
  ])('%j is written as %s', (text, canonical) => {
    expect(canonicalJson(text)).toBe(canonical);
  });

  it('are escaped alike however long they are', () => {
    for (const length of [0, 1, 39, 40, 41, 42, 200]) {
      const filler = 'x'.repeat(length);
      for (const special of ['"', '\\', '\u0000', '\u001f', '\n', '😀', 'ü']) {
        const text = filler + special;
        expect(canonicalJson(text)).toBe(JSON.stringify(text));
      }
    }
  });

  it.each(['\ud800', '\udfff', 'a\udc00\ud800b', `${'x'.repeat(100)}\ud800`, `${'x'.repeat(100)}\udfff`])(
    'with lone surrogates are refused, as value and as member name (%j)',
    (text) => {
      expect(() => canonicalJson(text)).toThrow(TypeError);
      expect(() => canonicalJson({ [text]: 1 })).toThrow(TypeError);
    },
  );
});

describe('values that are not JSON', () => {
  it('leaves out undefined members', () => {
    expect(canonicalJson({ a: undefined, b: 1, c: undefined })).toBe('{"b":1}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
  });

  it.each([
    ['undefined', undefined],
    ['an undefined item', [undefined]],
    ['a BigInt', 1n],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['bytes', new Uint8Array(1)],
  ])('refuses %s', (_name, value) => {
    expect(() => canonicalJson(value as unknown as JsonValue)).toThrow(TypeError);
  });

  it('takes objects without a prototype, and a member called __proto__', () => {
    expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }))).toBe('{"a":2,"b":1}');
    expect(canonicalJson(JSON.parse('{"a":1,"__proto__":2}'))).toBe('{"__proto__":2,"a":1}');
  });
});

describe('for every value', () => {
  const anyJson = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).map((value) => value as JsonValue);

  it('parsing gives the value back', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(sameZero(parse(canonicalJson(value)))).toEqual(sameZero(value));
      }),
    );
  });

  it('the order of members makes no difference', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('members stand in the order of their UTF-16 code units, in small and in large objects', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), {
      maxLength: 100,
      size: 'max',
    });
    fc.assert(
      fc.property(names, (keys) => {
        const text = keys.toSorted().map((key) => `${JSON.stringify(key)}:1`);
        expect(canonicalJson(Object.fromEntries(keys.map((key) => [key, 1])))).toBe(`{${text.join(',')}}`);
      }),
    );
  });
});

describe('isWellFormedText', () => {
  it.each([
    ['', true],
    ['Ünïcødé 😀', true],
    ['a\u0001', true],
    ['a\0b', false],
    ['\ud83d', false],
    ['\ude00\ud83d', false],
  ])('%j: %s', (text, expected) => expect(isWellFormedText(text)).toBe(expected));
});

function doubleOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function parse(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** -0 is written as 0, and a test must not tell them apart. */
function sameZero(value: JsonValue): JsonValue {
  return mapJson(
    value,
    (scalar) => (scalar === 0 ? 0 : scalar),
    (entries) => entries,
  );
}

function reversed(value: JsonValue): JsonValue {
  return mapJson(
    value,
    (scalar) => scalar,
    (entries) => entries.toReversed(),
  );
}

type Entries = [string, JsonValue][];

function mapJson(
  value: JsonValue,
  scalar: (value: JsonValue) => JsonValue,
  order: (entries: Entries) => Entries,
): JsonValue {
  if (typeof value !== 'object' || value === null) return scalar(value);
  if (Array.isArray(value)) return value.map((item: JsonValue) => mapJson(item, scalar, order));
  const entries = Object.entries(value as JsonObject) as Entries;
  return Object.fromEntries(order(entries.map(([key, member]) => [key, mapJson(member, scalar, order)])));
}
