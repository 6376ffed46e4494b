/**
 * Keeps secrets and people's contents out of log lines: values under certain names are replaced, however deep they
 * lie, and errors are reduced to what helps to find the cause. A driver's message may quote the values that it refused.
 */
const CENSOR = '[redacted]';
const DEPTH_MAX = 6;
const MESSAGE_LENGTH_MAX = 500;

/** Compared without case. */
const SECRET_NAMES = new Set(
  [
    ...['authorization', 'cookie', 'token', 'password', 'passwordHash', 'secret', 'connectionString'],
    // What people wrote: fields of changes, GraphQL variables, both sides of a conflict.
    ...['fields', 'baseFields', 'doc', 'before', 'data', 'variables', 'query', 'body', 'payload'],
    ...['resolvedData', 'resolvedFields', 'localData', 'remoteData', 'email'],
  ].map((name) => name.toLowerCase()),
);

/** The object with every secret value replaced. Errors and other class instances are left to their serializers. */
export function redacted(value: Record<string, unknown>): Record<string, unknown> {
  return redactedObject(value, 0);
}

function redactedObject(value: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] =>
    SECRET_NAMES.has(name.toLowerCase()) ? [name, CENSOR] : [name, redactedValue(inner, depth + 1)],
  );
  return Object.fromEntries(entries);
}

function redactedValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return CENSOR;
  if (Array.isArray(value)) return value.map((item) => redactedValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? redactedObject(value, depth) : value;
}

/** JSON Web Tokens and the passwords of connection strings, wherever they stand in a text. */
export const withoutTokens = (text: string): string =>
  text
    .replaceAll(/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, CENSOR)
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, `$1:${CENSOR}@`);

/** Type, code, cleaned message and stack of an error; of database errors also what names no value. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'Something was thrown that is no error' };
  const { code, constraint, table, routine } = error as Error & Record<string, unknown>;
  return {
    type: error.constructor.name,
    // JSON.parse quotes the text that it could not read.
    message: error instanceof SyntaxError ? CENSOR : withoutValues(error.message),
    ...texts({ code, constraint, table, routine }),
    // The first lines of a stack repeat the message.
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(error.cause instanceof Error ? { cause: describeError(error.cause) } : {}),
  };
}

const texts = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string'));

/**
 * PostgreSQL quotes a value that it refuses behind a colon (`invalid input syntax for type uuid: "…"`), or after the
 * word value; names of tables and constraints are quoted too, but not there.
 */
export const withoutValues = (message: string): string =>
  message
    .replace(/: "[\s\S]*$/, `: ${CENSOR}`)
    .replaceAll(/\bvalue "[^"]*"/g, `value ${CENSOR}`)
    .slice(0, MESSAGE_LENGTH_MAX);
