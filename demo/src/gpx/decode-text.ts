/**
 * From the bytes of an XML document to its text: by its byte order mark, by the encoding that it declares, else UTF-8.
 * Input are the pieces of a file; bytes that mean nothing in its encoding become U+FFFD.
 */
import { TextDecoder } from 'node:util';

const DECLARED = /^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']/;

export async function* decodeXml(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  for await (const piece of pieces) {
    decoder ??= decoderFor(piece);
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder?.decode() ?? '';
}

function decoderFor(start: Uint8Array): TextDecoder {
  const [first, second] = start;
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be');
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le');
  const declared = DECLARED.exec(new TextDecoder('latin1').decode(start.subarray(0, 200)))?.[1];
  // Whoever can read the word "utf-16" byte by byte reads something else; some programs write it nevertheless.
  if (declared?.toLowerCase().startsWith('utf-16')) return new TextDecoder();
  try {
    return new TextDecoder(declared);
  } catch {
    // An encoding that nobody knows: most likely the file is UTF-8 nevertheless.
    return new TextDecoder();
  }
}
