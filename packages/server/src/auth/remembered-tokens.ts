/**
 * Tokens that remember what they have just verified: a signature costs some 60 µs, and a busy caller sends the same
 * token with every request. Only accepted tokens are kept, for seconds, and never beyond their end.
 */
import { LIMITS } from '@ackord/core';
import { createShortMemory } from '../limits/short-memory.ts';
import type { Tokens, VerifiedToken } from './tokens.ts';

const ENTRIES_MAX = 20_000;

export function rememberTokens(tokens: Tokens): Tokens {
  const isAccepted = (verified: VerifiedToken) =>
    verified.outcome === 'internal' || verified.outcome === 'external';
  const memory = createShortMemory<VerifiedToken>({
    look: (token) => tokens.verify(token),
    isKept: isAccepted,
    keptMs: LIMITS.userCacheMs,
    entriesMax: ENTRIES_MAX,
  });
  return {
    issue: (userId) => tokens.issue(userId),
    async verify(token) {
      const verified = await memory.get(token);
      // The moment may have come since: then it is for the real check to say.
      const ended = 'expiresAt' in verified && verified.expiresAt <= Date.now();
      return ended ? tokens.verify(token) : verified;
    },
  };
}
