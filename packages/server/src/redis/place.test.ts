import { expect, test } from 'vitest';
import { readRedisUrl } from './place.ts';

test.each([
  ['redis://cache.example.org', { host: 'cache.example.org', port: 6_379 }, {}],
  ['redis://127.0.0.1:7000/3', { host: '127.0.0.1', port: 7_000 }, { db: 3 }],
  ['redis://[::1]:7000/', { host: '::1', port: 7_000 }, {}],
  ['redis://:p%40ss@a:1', { host: 'a', port: 1 }, { password: 'p@ss' }],
  ['rediss://me:pass@a:1', { host: 'a', port: 1 }, { username: 'me', password: 'pass', tls: {} }],
])('%s', (url, address, login) => expect(readRedisUrl(url)).toEqual({ address, login }));
