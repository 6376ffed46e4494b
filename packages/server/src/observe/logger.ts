/**
 * The log: one JSON object per line to standard output, without secrets and contents (redact.ts). What a child logger
 * is made with is not looked at again, so that may hold ids only.
 */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { describeError, redacted, withoutTokens } from './redact.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function createLogger(settings: {
  readonly level: LogLevel;
  /** Left out: standard output. */
  readonly destination?: DestinationStream;
}): Logger {
  const options = {
    level: settings.level,
    messageKey: 'message',
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: redacted,
    },
    // The last net: a token in the middle of a message, wherever that came from.
    hooks: { streamWrite: withoutTokens },
    serializers: { err: describeError, error: describeError, req: requestFacts, res: responseFacts },
  };
  return settings.destination ? pino(options, settings.destination) : pino(options);
}

// A URL may carry a query, and that may carry contents: only the path is told.
const requestFacts = (request: { method?: string; url?: string }) => ({
  method: request.method,
  path: request.url?.split('?')[0],
});

const responseFacts = (response: { statusCode?: number }) => ({ status: response.statusCode });
