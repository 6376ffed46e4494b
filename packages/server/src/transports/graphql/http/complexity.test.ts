import { LIMITS } from '@ackord/core';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { sizeOf, tooComplex } from './complexity.ts';

const limits = { depthMax: 4, aliasesMax: 3, tokensMax: 1_000 };
const check = (text: string) => tooComplex(sizeOf(parse(text)), limits);

test('levels count, those of fragments too; what asks for the schema may be as deep as it is', () => {
  expect(check('{ a { b { c { d } } } }')).toBeNull();
  expect(check('{ a { b { c { d { e } } } } }')).toContain('5 levels deep');
  expect(check('{ a { b { ...deep } } } fragment deep on X { c { ... on Y { d { e } } } }')).toContain(
    '5 levels',
  );
  expect(check('{ __schema { types { fields { type { ofType { ofType { name } } } } } } }')).toBeNull();
});

test('aliases count wherever a fragment is spread', () => {
  expect(check('{ x: a y: a z: a }')).toBeNull();
  expect(check('{ x: a ...f b { ...f } } fragment f on X { y: a z: a }')).toContain('5 aliases');
});

test('a document that is small and stands for very many fields is refused, in a time that does not grow with them', () => {
  const levels = 300;
  const parts = Array.from(
    { length: levels },
    (_, at) => `fragment f${at} on X { ...f${at + 1} ...f${at + 1} }`,
  );
  expect(check(`{ ...f0 } ${parts.join(' ')} fragment f${levels} on X { a }`)).toContain('fields');
  expect(check(`{ ${'a '.repeat(LIMITS.graphqlFieldsMax)} }`)).toBeNull();
  expect(check(`{ ${'a '.repeat(LIMITS.graphqlFieldsMax + 1)} }`)).toContain('fields');
});

test('fragments that spread themselves, each other or nothing end', () => {
  expect(check('{ ...a } fragment a on X { b ...c } fragment c on X { ...a ...nowhere }')).toBeNull();
});
