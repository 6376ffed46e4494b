/**
 * A device with exactly one TCP connection to a server, speaking GraphQL over real HTTP.
 * `ask` rejects with LostAnswer when the connection ends before the answer has come: the request may have been done.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

export class LostAnswer extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
export type Loose = any;

export interface Answer {
  readonly status: number;
  readonly data: Loose;
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface Connection {
  /** `cut`: aborting it cuts the connection at that moment. */
  ask(query: string, variables?: Record<string, unknown>, options?: { cut?: AbortSignal }): Promise<Answer>;
  /** Sends a body as it is. */
  post(body: Buffer, options?: { cut?: AbortSignal }): Promise<Answer>;
  close(): void;
}

export function connect(url: string, token = '', device: string = randomUUID()): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = {
    'content-type': 'application/json',
    'x-device-id': device,
    ...(token !== '' && { authorization: `Bearer ${token}` }),
  };

  const post = (body: Buffer, { cut }: { cut?: AbortSignal } = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const lost = (error: Error): void => reject(new LostAnswer(error.message));
      const call = request(
        `${url}/graphql`,
        {
          agent,
          method: 'POST',
          headers: { ...headers, 'content-length': body.length },
          ...(cut && { signal: cut }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', lost);
          response.on('end', () => {
            const { data, errors = [] } = JSON.parse(Buffer.concat(chunks).toString()) as Loose;
            resolve({ status: response.statusCode ?? 0, data, errors });
          });
        },
      );
      call.on('error', lost);
      call.end(body);
    });

  return {
    ask: (query, variables = {}, options) => post(Buffer.from(JSON.stringify({ query, variables })), options),
    post,
    close: () => agent.destroy(),
  };
}
