/** What may be stored: types that no browser runs, under names that lead nowhere. */
import { isWellFormedText, LIMITS } from '@ackord/core';

/** Anything else that could act as a page or run in one: SVG, HTML, XHTML, scripts, style sheets, PDF. */
const TYPES = /^(image|video|audio)\/[a-z0-9][a-z0-9.+-]{0,99}$/;
const MORE_TYPES = new Set([
  'application/gpx+xml',
  'application/xml',
  'text/xml',
  'application/octet-stream',
]);
const SCRIPTABLE = /svg|xml|html/;

/** The type in the form in which it is stored and signed; null: it is not accepted. */
export function acceptedType(type: string): string | null {
  const tidy = type.trim().toLowerCase();
  if (MORE_TYPES.has(tidy)) return tidy;
  return TYPES.test(tidy) && !SCRIPTABLE.test(tidy) ? tidy : null;
}

export const TYPE_RULE =
  'must be image/*, video/* or audio/* (but not SVG), application/gpx+xml, application/xml, text/xml or application/octet-stream';

/** What is wrong with a file's name, to follow the name of the argument; null: nothing. */
export function nameProblem(name: string): string | null {
  if (name.trim() === '') return 'must not be empty';
  if (name.length > LIMITS.fileNameLengthMax)
    return `must have at most ${LIMITS.fileNameLengthMax} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!isWellFormedText(name) || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name))
    return 'must not contain control characters or lone surrogates';
  if (name.includes('\\') || name.startsWith('/') || name.split('/').some(isStep))
    return 'must be a name, not a path that leads elsewhere';
  return null;
}

const isStep = (part: string): boolean => part === '' || part === '.' || part === '..';
