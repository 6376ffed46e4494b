/**
 * Reads a GPX document piece by piece, without ever holding it as a whole. What is not GPX, is broken XML or brings
 * declarations of its own (a DTD, from which endless texts can be made) is refused with one sentence.
 */
import { type SaxesOptions, SaxesParser } from 'saxes';
import { GpxBuilder, type GpxElement } from './gpx-builder.ts';
import type { GpxResult } from './gpx-file.ts';
import { GPX_LIMITS } from './limits.ts';

/** Ends the parsing of a document; never leaves this module. */
class Refused extends Error {}

/** Throws whatever reading the pieces throws. */
export async function parseGpx(pieces: AsyncIterable<string> | Iterable<string>): Promise<GpxResult> {
  const builder = new GpxBuilder();
  const parser = parserFor(builder);
  let isEmpty = true;
  for await (const piece of pieces) {
    isEmpty &&= piece === '';
    const fault = attempt(() => parser.write(piece));
    if (fault !== null) return { ok: false, reason: fault };
  }
  if (isEmpty) return { ok: false, reason: 'is empty' };
  const fault = attempt(() => parser.close());
  return fault === null ? { ok: true, file: builder.file() } : { ok: false, reason: fault };
}

function attempt(step: () => unknown): string | null {
  try {
    step();
    return null;
  } catch (cause) {
    if (cause instanceof Refused) return cause.message;
    throw cause;
  }
}

function refuse(reason: string): never {
  throw new Refused(reason);
}

/** Prefixes are cut off by hand: many files use some that they never declare. */
const OPTIONS = { xmlns: false } satisfies SaxesOptions;

function parserFor(builder: GpxBuilder): SaxesParser<typeof OPTIONS> {
  const parser = new SaxesParser(OPTIONS);
  const open: GpxElement[] = [];
  let text = '';
  /** Of the outermost element whose content is nobody's business, and all within it. */
  let ignoredFrom = Number.POSITIVE_INFINITY;

  parser.on('doctype', () => refuse('brings a DTD, which no GPX file needs'));
  parser.on('error', (error) => refuse(`is not well-formed XML (${sentence(error)})`));
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name: localName(name), attributes, texts: new Map<string, string>() };
    if (open.length === 0 && element.name !== 'gpx') refuse(`is no GPX: its root element is <${name}>`);
    if (open.length >= GPX_LIMITS.depthMax) refuse(`is nested deeper than ${GPX_LIMITS.depthMax} levels`);
    if (element.name === 'extensions') ignoredFrom = Math.min(ignoredFrom, open.length);
    open.push(element);
    text = '';
  });
  const keep = (more: string) => {
    if (open.length <= ignoredFrom && text.length < GPX_LIMITS.descriptionLengthMax) text += more;
  };
  parser.on('text', keep);
  parser.on('cdata', keep);
  parser.on('closetag', () => {
    const element = open.pop();
    if (!element) return;
    const parent = open.at(-1);
    if (open.length < ignoredFrom) {
      if (parent && !parent.texts.has(element.name)) parent.texts.set(element.name, text);
      const fault = builder.close(element, parent?.name ?? null);
      if (fault !== null) refuse(fault);
    } else if (open.length === ignoredFrom) ignoredFrom = Number.POSITIVE_INFINITY;
    text = '';
  });
  return parser;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The parser's message, "3:14: disallowed character.", with its place said in words. */
function sentence({ message }: Error): string {
  const [, line, what = message] = /^(\d+):\d+: (.*?)\.?$/s.exec(message) ?? [];
  return line === undefined ? what : `line ${line}: ${what}`;
}
