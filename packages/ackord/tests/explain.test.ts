import { parseConfig } from '@ackord/server';
import { expect, test } from 'vitest';
import { explain } from '../src/explain.ts';

const parsed = parseConfig({ PORT: '443', HOST: '192.0.2.1', ACKORD_DATA_DIR: '/srv/journal' });
if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
const { config } = parsed;
const fault = (facts: object): Error => Object.assign(new Error('broken'), facts);

test.each([
  [{ code: 'EADDRINUSE', syscall: 'listen' }, /^PORT: 443 on 192\.0\.2\.1 is in use/],
  [{ code: 'EACCES', syscall: 'listen' }, /^PORT: 443 may not be used/],
  [{ code: 'EADDRNOTAVAIL', syscall: 'listen' }, /^HOST: 192\.0\.2\.1 is no address of this machine/],
  [{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }, /^HOST: 192\.0\.2\.1 is no address/],
  [
    { code: 'EACCES', syscall: 'open', path: '/srv/journal/jwt-secret' },
    /^ACKORD_DATA_DIR: .*jwt-secret cannot be used \(EACCES\)/,
  ],
  [
    { code: 'EROFS', syscall: 'mkdir', path: '/srv/journal/files/.incoming' },
    /^FILES_DIR: .*incoming cannot be used \(EROFS\)/,
  ],
])('%j', (facts, line) => {
  const explanation = explain(fault(facts), config);
  expect(explanation).toMatch(line);
  expect(explanation).not.toContain('\n');
});

test.each([fault({}), fault({ code: 'EACCES', syscall: 'open', path: '/etc/shadow' }), 'text', null])(
  'what nobody has foreseen is left to the log',
  (error) => expect(explain(error, config)).toBeNull(),
);
