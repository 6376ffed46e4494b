/**
 * How many tables, indexes, views and triggers a SQLite file names, counted before SQLite reads it: it reads all of them
 * to answer anything, and hundreds of thousands keep it busy for a minute. Bytes in, a number out; never throws.
 */
const INTERIOR = 0x05;
const LEAF = 0x0d;
/** The schema begins on the first page, behind the header of the file. */
const FILE_HEADER_BYTES = 100;

/** Stops at `max` + 1. Pages that are none count as empty: what is broken is for SQLite to say. */
export function schemaSize(bytes: Uint8Array, pageSize: number, max: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const waiting = [1];
  let [objects, pages] = [0, 0];
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    // A page with children has one at least for each object, so more pages than this are more objects, or a ring.
    if (objects > max || ++pages > 2 * max) return max + 1;
    const start = (page - 1) * pageSize;
    const header = start + (page === 1 ? FILE_HEADER_BYTES : 0);
    if (page < 1 || start + pageSize > bytes.length) continue;
    const [kind, cells] = [bytes[header], view.getUint16(header + 3)];
    if (kind === LEAF) objects += cells;
    else if (kind === INTERIOR) waiting.push(...childrenOf(view, { start, header, cells, pageSize }));
  }
  return objects;
}

interface Interior {
  readonly start: number;
  readonly header: number;
  readonly cells: number;
  readonly pageSize: number;
}

function childrenOf(view: DataView, { start, header, cells, pageSize }: Interior): number[] {
  const children = [view.getUint32(header + 8)];
  for (let cell = 0; cell < cells; cell += 1) {
    const pointer = header + 12 + 2 * cell;
    if (pointer + 2 > start + pageSize) break;
    const at = start + view.getUint16(pointer);
    if (at + 4 <= start + pageSize) children.push(view.getUint32(at));
  }
  return children;
}
