/**
 * A look at JSON before it is parsed, in one pass over its bytes: the parser holds up everybody else for seconds over
 * a few megabytes of brackets in brackets, or of objects with a hundred thousand names.
 * Promise: linear in the bytes, no memory to speak of. Says nothing of whether it is JSON; the parser does.
 */
export interface JsonBounds {
  /** Lists and objects inside of one another. */
  readonly depthMax: number;
  /** Values in all, at any depth. */
  readonly valuesMax: number;
  /** Members of one object. */
  readonly membersMax: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const [BRACKET_L, BRACKET_R] = [0x5b, 0x5d];
const [BRACE_L, BRACE_R] = [0x7b, 0x7d];

/** What is too much about it, in a sentence; null when it may be parsed. */
export function tooMuchJson(text: Uint8Array, bounds: JsonBounds): string | null {
  const { depthMax, valuesMax, membersMax } = bounds;
  // How many names each of the objects around the current place has had so far.
  const members = new Uint32Array(depthMax + 2);
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case QUOTE:
        at = endOfText(text, at);
        break;
      case BRACKET_L:
      case BRACE_L:
        depth += 1;
        if (depth > depthMax) return `Its lists and objects are nested more than ${depthMax} deep.`;
        members[depth] = 0;
        values += 1;
        break;
      case BRACKET_R:
      case BRACE_R:
        // One that closes nothing is the parser's to refuse.
        if (depth > 0) depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
      case COLON:
        members[depth] = (members[depth] ?? 0) + 1;
        if (members[depth]! > membersMax) return `An object in it has more than ${membersMax} members.`;
        break;
    }
    if (values > valuesMax) return `It has more than ${valuesMax} values.`;
  }
  return null;
}

/** Where the text that begins here ends: at its closing quote, or beyond the end. */
function endOfText(text: Uint8Array, start: number): number {
  let at = start + 1;
  const near = at + SHORT_BYTES;
  while (at < text.length && text[at] !== QUOTE) {
    if (at > near) return endOfLongText(text, at);
    at += text[at] === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** Up to here a plain loop is faster than asking the system. */
const SHORT_BYTES = 64;

/** Texts of megabytes rarely hold a backslash; then their end is found at once. */
function endOfLongText(text: Uint8Array, from: number): number {
  const quote = text.indexOf(QUOTE, from);
  const end = quote < 0 ? text.length : quote;
  if (!text.subarray(from, end).includes(BACKSLASH)) return end;
  let at = from;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at;
}
