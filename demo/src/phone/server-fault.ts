/** The server does not answer, or refuses a call as a whole: the story cannot go on. The message is for a person. */
import type { Answer } from './connection.ts';

type NoAnswer = Extract<Answer<never>, { ok: false }>;

export class ServerFault extends Error {
  /** `what`: the call, or the address. */
  constructor(what: string, answer: NoAnswer) {
    super(
      answer.kind === 'lost'
        ? `${what}: the server does not answer (${answer.message}).`
        : `${what}: ${answer.code}. ${answer.message}`,
    );
  }
}
