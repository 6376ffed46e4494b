import { Writable } from 'node:stream';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createLogger, type Logger, type LogLevel } from './logger.ts';

type LogLine = Record<string, unknown> & { err?: { message: string; stack: string } };

function logOf(write: (logger: Logger) => void, level: LogLevel = 'debug'): LogLine[] {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  write(createLogger({ level, destination }));
  return lines.map((line) => JSON.parse(line));
}

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiJ4In0.c2lnbmF0dXJl';

test('a line is one JSON object with level, time and message', () => {
  const [line] = logOf((logger) => logger.info({ batchId: 'b1' }, 'sync completed'));
  expect(line).toMatchObject({ level: 'info', message: 'sync completed', batchId: 'b1' });
  expect(new Date(String(line?.time)).getTime()).toBeCloseTo(Date.now(), -5);
});

test('levels below the least one are silent', () => {
  expect(logOf((logger) => logger.debug('quiet'), 'info')).toEqual([]);
});

describe('never in a line', () => {
  test.each([
    ['a header', { headers: { authorization: 'Bearer needle' } }],
    ['a password', { input: { email: 'a@b.c', password: 'needle' } }],
    ['a token in an answer', { answer: { login: { token: 'needle' } } }],
    ['contents', { changes: [{ entityType: 'Memory', fields: { title: 'needle' } }] }],
    ['values before', { change: { baseFields: { title: 'needle' } } }],
    ['both sides', { conflict: { localData: 'needle', remoteData: 'needle' } }],
    ['GraphQL variables', { body: { query: 'needle', variables: { input: 'needle' } } }],
    ['odd case', { Authorization: 'needle', PASSWORD: 'needle' }],
    ['something too deep', { a: { b: { c: { d: { e: { f: { g: { h: 'needle' } } } } } } } }],
  ])('%s', (_name, facts) => {
    expect(JSON.stringify(logOf((logger) => logger.warn(facts, 'told')))).not.toContain('needle');
  });

  test('a token or the password of a connection string inside a text', () => {
    const facts = { note: `sent ${TOKEN} along`, url: 'postgres://owner:needle@db.example.org/ackord' };
    const text = JSON.stringify(logOf((logger) => logger.warn(facts, 'told')));
    expect(text).not.toContain('needle');
    expect(JSON.stringify(logOf((logger) => logger.warn(`refused ${TOKEN}`)))).not.toContain('eyJ');
    expect(text).not.toContain('eyJ');
    expect(text).toContain('db.example.org');
  });

  test('the query of a URL', () => {
    const request = { method: 'GET', url: '/graphql?query=needle' };
    const [line] = logOf((logger) => logger.warn({ req: request }, 'told'));
    expect(line?.req).toEqual({ method: 'GET', path: '/graphql' });
  });

  test('what a database error quotes', () => {
    const error = Object.assign(
      new pg.DatabaseError('invalid input syntax for type uuid: "needle"', 1, 'error'),
      {
        severity: 'ERROR',
        code: '22P02',
        detail: 'Key (email)=(needle) already exists.',
        where: 'unnamed portal parameter $1 = needle',
        constraint: 'app_user_email',
      },
    );
    const [line] = logOf((logger) => logger.error({ err: error }, 'failed'));
    expect(JSON.stringify(line)).not.toContain('needle');
    expect(line?.err).toMatchObject({ code: '22P02', constraint: 'app_user_email' });
    expect(line?.err?.message).toContain('invalid input syntax for type uuid');
  });

  test.each([
    ['value "needle" is out of range for type integer', 'is out of range'],
    ['22P02: malformed array literal: "{"a","needle"}"', '22P02: malformed array literal'],
    [
      '23505: duplicate key value violates unique constraint "app_user_email" (app_user_email)',
      '"app_user_email"',
    ],
  ])('what others repeat of it: %s', (message, kept) => {
    const [line] = logOf((logger) => logger.error({ err: new Error(message) }, 'failed'));
    expect(line?.err?.message).not.toContain('needle');
    expect(line?.err?.message).toContain(kept);
  });

  test('a text that is no JSON', () => {
    const parse = () => JSON.parse('needle');
    let thrown: unknown;
    try {
      parse();
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain('needle');
    expect(JSON.stringify(logOf((logger) => logger.error({ err: thrown }, 'failed')))).not.toContain(
      'needle',
    );
  });
});

test('an error keeps what helps: type, code, message, cause and the places', () => {
  const error = Object.assign(new TypeError('broken', { cause: new Error('deeper') }), { code: 'E_BROKEN' });
  const [line] = logOf((logger) => logger.error({ err: error }, 'failed'));
  expect(line?.err).toMatchObject({
    type: 'TypeError',
    code: 'E_BROKEN',
    message: 'broken',
    cause: { message: 'deeper' },
  });
  expect(line?.err?.stack).toMatch(/^\s+at .*logger\.test\.ts/);
});

test.each([null, undefined, 'text', 42, { plain: 'object' }])('throwing %j is survived', (thrown) => {
  expect(logOf((logger) => logger.error({ err: thrown }, 'failed'))).toHaveLength(1);
});

test('a circle does not stop the log', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(logOf((logger) => logger.warn({ circle }, 'told'))).toHaveLength(1);
});
