/**
 * From the pieces of an XML file to its text: by its byte order mark, else by the encoding that it declares, else
 * UTF-8. Pieces that are text already pass as they are. Bytes that mean nothing in the encoding are a fault, as XML
 * wants it: guessing would store wrong names for ever.
 */
import { TextDecoder } from 'node:util';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

export interface XmlDecoder {
  push(piece: Uint8Array | string): Decoded;
  /** The rest; at the end of the file. */
  end(): Decoded;
}

/** The declaration stands at the very start; a longer one has no business there. */
const DECLARATION_BYTES_MAX = 256;
const DECLARED = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.:-]{0,39})["']/;

export function createXmlDecoder(): XmlDecoder {
  let decoder: TextDecoder | null = null;
  let start: Uint8Array = new Uint8Array(0);

  const decode = (bytes: Uint8Array | undefined, isLast: boolean): Decoded => {
    if (!decoder) {
      const label = encodingOf(start);
      try {
        decoder = new TextDecoder(label, { fatal: true });
      } catch {
        return fault(`It says that it is written in "${label}", which is not known here: save it as UTF-8`);
      }
    }
    try {
      // The rest apart from the bytes: without the stream flag Node 20 reads windows-1252 as Latin-1.
      const text = decoder.decode(bytes, { stream: true });
      return { ok: true, text: isLast ? text + decoder.decode() : text };
    } catch {
      const { encoding } = decoder;
      return fault(
        `It holds bytes that mean nothing in ${encoding}: it says the wrong encoding, or is damaged`,
      );
    }
  };

  return {
    push(piece) {
      if (typeof piece === 'string') return { ok: true, text: piece };
      if (decoder) return decode(piece, false);
      start = Buffer.concat([start, piece]);
      return start.length < DECLARATION_BYTES_MAX ? { ok: true, text: '' } : decode(start, false);
    },
    end: () => (decoder ? decode(undefined, true) : decode(start, true)),
  };
}

const fault = (message: string): Decoded => ({ ok: false, message });

function encodingOf(start: Uint8Array): string {
  const [first, second, third, fourth] = start;
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  // Without a mark the zero bytes between the letters of "<?" tell.
  if (first === 0x3c && second === 0 && third === 0x3f && fourth === 0) return 'utf-16le';
  if (first === 0 && second === 0x3c && third === 0 && fourth === 0x3f) return 'utf-16be';
  const declared = DECLARED.exec(
    new TextDecoder('latin1').decode(start.subarray(0, DECLARATION_BYTES_MAX)),
  )?.[1];
  // Whoever can read the word "utf-16" byte by byte reads something else; some programs write it nevertheless.
  return declared === undefined || /^(utf-?16|ucs-?2)/i.test(declared) ? 'utf-8' : declared;
}
