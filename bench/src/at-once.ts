/** HTTP calls that are all open at the same time: each has its connection, and the server has all of each but its last byte. */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

export interface Call {
  readonly token: string;
  readonly body: object;
}

export interface Answered {
  /** From the last byte of the call to the last of its answer. */
  readonly times: readonly number[];
  /** Of all of them together. */
  readonly elapsedMs: number;
  readonly answers: readonly unknown[];
}

const OPENED_AT_ONCE = 200;

/** Keeps its connections for the next calls, until it is closed. */
export class OpenCalls {
  readonly #agent = new Agent({
    keepAlive: true,
    // Or ten thousand questions whether the other side is there go out each second, and some are lost.
    keepAliveMsecs: 60_000,
    maxSockets: Number.POSITIVE_INFINITY,
    maxFreeSockets: Number.POSITIVE_INFINITY,
  });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Rejects when one of them gets no answer, or not one with status 200. */
  async send(calls: readonly Call[]): Promise<Answered> {
    const open: Opened[] = [];
    for (let from = 0; from < calls.length; from += OPENED_AT_ONCE) {
      const part = calls.slice(from, from + OPENED_AT_ONCE);
      open.push(...(await Promise.all(part.map((call) => this.#open(call)))));
    }
    const started = performance.now();
    const times: number[] = [];
    const texts = await Promise.all(
      open.map(async ({ finish, answer }) => {
        finish();
        const text = await answer;
        times.push(performance.now() - started);
        return text;
      }),
    );
    return {
      times,
      elapsedMs: performance.now() - started,
      answers: texts.map((text): unknown => JSON.parse(text)),
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  #open({ token, body }: Call): Promise<Opened> {
    const bytes = Buffer.from(JSON.stringify(body));
    const call = request(`${this.#url}/graphql`, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        'content-type': 'application/json',
        'content-length': bytes.length,
        authorization: `Bearer ${token}`,
      },
    });
    const answer = answerOf(call);
    return new Promise((resolve, reject) => {
      answer.catch(reject);
      call.write(bytes.subarray(0, -1), () => {
        resolve({ finish: () => call.end(bytes.subarray(-1)), answer });
      });
    });
  }
}

interface Opened {
  readonly finish: () => void;
  readonly answer: Promise<string>;
}

function answerOf(call: ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    call.once('error', reject);
    call.once('response', (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`Answered with ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
  });
}
