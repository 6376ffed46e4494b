/**
 * Tells a secret that can be guessed from one that can't. Tokens are signed with it, so whoever guesses it, offline and
 * at leisure, is any user he likes. A random value passes; words, repetitions and rows of keys do not.
 */
const BYTES_MIN = 32;
const DISTINCT_MIN = 10;
const REST_MIN = 20;

const WELL_KNOWN =
  /secret|password|passwort|passw0rd|changeme|change|example|default|your|super|jwt|token|ackord|travel|company|admin|letmein|welcome|qwerty|asdf|please|this|that|development|production|test|keyboard|abcdefghijklmnopqrstuvwxyz|abcdefgh|0123456789|123456789|12345678|1234/gi;

/** What is wrong with it, to follow "JWT_SECRET"; null when it is strong enough. */
export function secretWeakness(secret: string): string | null {
  if (Buffer.byteLength(secret) < BYTES_MIN) return `is shorter than ${BYTES_MIN} bytes`;
  if (new Set(secret).size < DISTINCT_MIN) return `has fewer than ${DISTINCT_MIN} different characters`;
  if (period(secret) <= secret.length / 2) return 'repeats itself';
  if (secret.replaceAll(WELL_KNOWN, '').replaceAll(/[\s_-]/g, '').length < REST_MIN)
    return 'is made of well-known words';
  return null;
}

/** The least number of characters after which the text goes on as it began. */
function period(text: string): number {
  const doubled = text + text;
  const shift = doubled.indexOf(text, 1);
  if (shift < text.length) return shift;
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (text.startsWith(text.slice(length))) return length;
  }
  return text.length;
}
