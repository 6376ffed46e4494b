/**
 * Reads a GPX file piece by piece, without ever holding it as a whole, and lets others work in between. What is not
 * GPX, is broken XML, is larger than the limits, or brings a DTD of its own (from which endless texts and calls to
 * other computers can be made) is refused with a sentence or two that quote nothing of the file but its line numbers.
 */
import { setImmediate as othersTurn } from 'node:timers/promises';
import sax, { type SAXOptions, type Tag } from 'sax';
import { createXmlDecoder } from './decode-xml.ts';
import type { Gpx } from './gpx.ts';
import { GpxBuilder } from './gpx-builder.ts';
import { GPX_LIMITS, type GpxLimits } from './limits.ts';

export type GpxResult =
  | { readonly ok: true; readonly gpx: Gpx }
  /** `message`: full sentences for the person who sent the file. */
  | { readonly ok: false; readonly message: string };

/** Some milliseconds of work: nobody else waits longer for this file. */
const PIECE_LENGTH = 64 * 1024;
/** What no XML document may hold, not even as a reference. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that it is about.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Throws what reading the stream throws; stops reading as soon as the answer is known. */
export async function readGpx(
  stream: AsyncIterable<Uint8Array | string>,
  limits: GpxLimits = GPX_LIMITS,
): Promise<GpxResult> {
  const reading = createReading(limits);
  const decoder = createXmlDecoder();
  let bytes = 0;
  for await (const piece of stream) {
    bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
    if (bytes > limits.bytesMax)
      return refusal(
        `It is larger than ${Math.floor(limits.bytesMax / 1024 / 1024)} MB. Split it, or thin its points out.`,
      );
    const decoded = decoder.push(piece);
    const fault = decoded.ok ? await feed(reading, decoded.text) : `${decoded.message}.`;
    if (fault !== null) return refusal(fault);
  }
  if (bytes === 0) return refusal('It is empty. Most likely its upload did not finish.');
  const rest = decoder.end();
  const fault = rest.ok ? ((await feed(reading, rest.text)) ?? reading.end()) : `${rest.message}.`;
  if (fault !== null) return refusal(fault);
  const gpx = reading.builder.finish();
  return gpx ? { ok: true, gpx } : refusal('It has no element "gpx". Send a file that was exported as GPX.');
}

const refusal = (message: string): GpxResult => ({
  ok: false,
  message: `The GPX file can't be read. ${message}`,
});

async function feed(reading: Reading, text: string): Promise<string | null> {
  for (let start = 0; start < text.length; start += PIECE_LENGTH) {
    const fault = reading.write(text.slice(start, start + PIECE_LENGTH));
    if (fault !== null) return fault;
    await othersTurn();
  }
  return null;
}

interface Reading {
  readonly builder: GpxBuilder;
  /** The fault of the document, in full sentences; null: none so far. */
  write(text: string): string | null;
  end(): string | null;
}

/** Only the five entities of XML, none of HTML; the types of the library don't know this option. */
const OPTIONS: SAXOptions & { readonly strictEntities: boolean } = { strictEntities: true };

/** The only way to stop the parser within a piece; never leaves this module. */
class Refused extends Error {}

function createReading(limits: GpxLimits): Reading {
  const builder = new GpxBuilder(limits);
  const parser = sax.parser(true, OPTIONS);
  let attributes = 0;
  const refuse = (fault: string | null): void => {
    if (fault !== null) throw new Refused(`${fault} (line ${parser.line + 1}).`);
  };
  parser.onerror = (error) => refuse(xmlFault(error.message));
  parser.ondoctype = () => refuse(DOCTYPE);
  // Declarations within a DTD, whose end may never come.
  parser.onsgmldeclaration = () => refuse(DOCTYPE);
  parser.onattribute = () => {
    attributes += 1;
    if (attributes > limits.attributesMax)
      refuse(`An element has more than ${limits.attributesMax} attributes`);
  };
  parser.onopentag = (tag) => {
    attributes = 0;
    refuse(builder.open(tag.name, (tag as Tag).attributes));
  };
  parser.ontext = (text) => refuse(builder.text(text));
  parser.oncdata = (text) => refuse(builder.text(text));
  parser.onclosetag = () => refuse(builder.close());
  return {
    builder,
    write: (text) =>
      attempt(
        () => refuse(FORBIDDEN.test(text) ? CONTROL : null),
        () => parser.write(text),
      ),
    end: () => attempt(() => parser.close()),
  };
}

const DOCTYPE =
  'It has a DOCTYPE, which no GPX file needs and which is not safe to follow: take the line out';
const CONTROL = 'It is not well-formed XML: it holds control characters';

function xmlFault(message: string): string {
  if (message.startsWith('Max buffer length exceeded'))
    return 'A name, a value or a comment in it is longer than any GPX file needs';
  if (message.startsWith('Unclosed root tag') || message.startsWith('Unexpected end'))
    return 'It ends too early: most likely its upload or its export did not finish';
  if (message.startsWith('Invalid character entity'))
    return 'It uses an entity that XML does not know: write the character itself';
  return 'It is not well-formed XML: export it anew, or repair it with an XML editor';
}

function attempt(...steps: (() => unknown)[]): string | null {
  try {
    for (const step of steps) step();
    return null;
  } catch (cause) {
    if (cause instanceof Refused) return cause.message;
    throw cause;
  }
}
