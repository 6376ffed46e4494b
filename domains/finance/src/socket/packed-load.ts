/** A first load as one piece of bytes, as caches keep it: a line of JSON that says what follows, then the frames. */

export interface FirstLoad {
  /** The position of the tenant that it stands for. */
  readonly head: number;
  readonly records: number;
  /**
   * `initial_data_load`, then updates, in the order in which they are to be sent. Apps take no second load of a socket, but
   * they would take its updates, whatever they have done meanwhile: so the first frame alone is sent again.
   */
  readonly frames: readonly Uint8Array[];
}

interface Contents {
  readonly head: number;
  readonly records: number;
  /** Of the frames, in bytes. */
  readonly lengths: readonly number[];
}

const LINE_END = 10;

export function packLoad({ head, records, frames }: FirstLoad): Uint8Array {
  const contents: Contents = { head, records, lengths: frames.map(({ byteLength }) => byteLength) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(contents)}\n`), ...frames]);
}

/** The frames are parts of the bytes. null: they are no load. */
export function unpackLoad(bytes: Uint8Array): FirstLoad | null {
  const lineEnd = bytes.indexOf(LINE_END);
  const contents = lineEnd === -1 ? null : contentsIn(bytes.subarray(0, lineEnd));
  if (!contents) return null;
  const frames: Uint8Array[] = [];
  let at = lineEnd + 1;
  for (const length of contents.lengths) {
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  return at === bytes.byteLength ? { head: contents.head, records: contents.records, frames } : null;
}

function contentsIn(line: Uint8Array): Contents | null {
  try {
    const contents = JSON.parse(new TextDecoder().decode(line)) as Partial<Contents> | null;
    const { head, records, lengths } = contents ?? {};
    if (typeof head !== 'number' || typeof records !== 'number' || !Array.isArray(lengths)) return null;
    return lengths.every(Number.isSafeInteger) ? { head, records, lengths } : null;
  } catch {
    return null;
  }
}
