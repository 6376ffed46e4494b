/**
 * GraphQL over HTTP: one question, one answer. That the answer does not arrive is an answer too: `lost`, after which
 * nobody knows whether the server has acted. `loseNextAnswer` makes that happen on purpose.
 */
export type Answer<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly kind: 'lost'; readonly message: string }
  | { readonly ok: false; readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface Connection {
  ask<T>(document: string, variables?: { readonly [name: string]: unknown }): Promise<Answer<T>>;
  /** The server will get the next question and act on it, but its answer will never arrive. */
  loseNextAnswer(): void;
}

export interface ConnectionOptions {
  /** The address of the endpoint, with `/graphql`. */
  readonly url: string;
  /** Names the phone; null: whoever asks has none. */
  readonly device: string | null;
  readonly token: string | null;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

const ANSWER_MS_MAX = 60_000;

export function createConnection(options: ConnectionOptions): Connection {
  const headers = {
    'content-type': 'application/json',
    ...(options.device !== null && { 'x-device-id': options.device }),
    ...(options.token !== null && { authorization: `Bearer ${options.token}` }),
  };
  let losing = false;
  return {
    loseNextAnswer() {
      losing = true;
    },
    async ask<T>(document: string, variables: { readonly [name: string]: unknown } = {}) {
      const lost = losing;
      losing = false;
      const answer = await post<T>(options, headers, JSON.stringify({ query: document, variables }));
      return lost ? ({ ok: false, kind: 'lost', message: 'the connection broke' } as const) : answer;
    },
  };
}

async function post<T>(
  { url, signal }: ConnectionOptions,
  headers: Record<string, string>,
  body: string,
): Promise<Answer<T>> {
  try {
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    const response = await fetch(url, { method: 'POST', headers, body, signal: waiting });
    return answerOf<T>(response.status, await response.text());
  } catch (cause) {
    signal.throwIfAborted();
    return { ok: false, kind: 'lost', message: causeOf(cause) };
  }
}

interface Body<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

function answerOf<T>(status: number, text: string): Answer<T> {
  const body = parsed<T>(text);
  if (body === null) {
    return {
      ok: false,
      kind: 'refused',
      code: `HTTP ${status}`,
      message: 'The answer is no GraphQL answer.',
    };
  }
  const [error] = body.errors ?? [];
  if (!error && body.data) return { ok: true, data: body.data };
  return {
    ok: false,
    kind: 'refused',
    code: error?.extensions?.code ?? `HTTP ${status}`,
    message: error?.message ?? 'The answer has no data.',
  };
}

function parsed<T>(text: string): Body<T> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Body<T>) : null;
  } catch {
    return null;
  }
}

/** What fetch throws says nothing; its cause does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(cause);
}
