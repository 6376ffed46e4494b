import { describe, expect, test } from 'vitest';
import { isOwnName, mayOpen, originRules } from './origins.ts';

const config = { corsOrigins: ['https://app.example.org'], publicUrl: 'https://sync.example.org' } as const;
const guarded = originRules(config, true);

describe('where callers need no token', () => {
  test.each([
    ['a program', undefined, true],
    ['a listed page', 'https://app.example.org', true],
    ['a page of this machine', 'http://localhost:5173', true],
    ['a page of this machine by its address', 'http://127.0.0.1:5173', true],
    ['any other page', 'https://example.com', false],
    ['a page that looks alike', 'https://app.example.org.example.com', false],
    ['a name that only begins like this machine', 'http://localhost.example.com', false],
    ['a page in a frame without an origin', 'null', false],
    ['a file', 'file://', false],
  ])('%s: %s', (_name, origin, may) => {
    expect(mayOpen(origin, guarded)).toBe(may);
    // '*' is meant for callers with tokens.
    expect(mayOpen(origin, originRules({ ...config, corsOrigins: '*' }, true))).toBe(
      may && origin !== 'https://app.example.org',
    );
  });

  test.each([
    ['127.0.0.1:4000', true],
    ['[::1]:4000', true],
    ['localhost', true],
    ['sync.example.org', true],
    ['app.example.org:443', true],
    ['rebound.example.com:4000', false],
    ['127.0.0.1.example.com', false],
    [undefined, false],
    ['%', false],
  ])('called as %s', (host, may) => {
    expect(isOwnName(host, guarded)).toBe(may);
  });
});

test('with tokens, the list of origins alone counts, and any name', () => {
  const open = originRules(config, false);
  expect(mayOpen('https://app.example.org', open)).toBe(true);
  expect(mayOpen('http://localhost:5173', open)).toBe(false);
  expect(mayOpen('https://example.com', originRules({ ...config, corsOrigins: '*' }, false))).toBe(true);
  expect(isOwnName('rebound.example.com', open)).toBe(true);
});
