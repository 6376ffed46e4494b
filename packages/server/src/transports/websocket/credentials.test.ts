import { describe, expect, test } from 'vitest';
import { CLOSE } from './close-codes.ts';
import { authorizationOf, chosenProtocol } from './credentials.ts';

describe('the token of a request for a socket', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['the header', { authorization: 'Bearer a' }, 'Bearer a'],
    ['a pair of subprotocols', { 'sec-websocket-protocol': 'bearer, b.c-d_e' }, 'Bearer b.c-d_e'],
    ['the pair behind others, without blanks', { 'sec-websocket-protocol': 'json,bearer,b' }, 'Bearer b'],
    [
      'both: the header counts',
      { authorization: 'Bearer a', 'sec-websocket-protocol': 'bearer, b' },
      'Bearer a',
    ],
    ['nothing', {}, undefined],
    ['another subprotocol', { 'sec-websocket-protocol': 'json' }, undefined],
    ['bearer, and no token behind it', { 'sec-websocket-protocol': 'json, bearer' }, undefined],
    ['bearer, and nothing behind the comma', { 'sec-websocket-protocol': 'bearer,' }, undefined],
  ])('%s', (_name, headers, expected) => {
    expect(authorizationOf({ headers })).toBe(expected);
  });

  test('the answer names a subprotocol, never the token', () => {
    expect(chosenProtocol(new Set(['bearer', 'secret']))).toBe('bearer');
    expect(chosenProtocol(new Set(['json', 'bearer', 'secret']))).toBe('bearer');
    expect(chosenProtocol(new Set(['json']))).toBe('json');
    expect(chosenProtocol(new Set(['graphql-transport-ws', 'bearer', 'secret']))).toBe(
      'graphql-transport-ws',
    );
    expect(chosenProtocol(new Set())).toBe(false);
  });
});

test('each reason for an end has a code of its own, which the standard allows a server to send', () => {
  const codes = Object.values(CLOSE);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes)
    expect(code === 1001 || code === 1009 || (code >= 4000 && code < 5000)).toBe(true);
});
