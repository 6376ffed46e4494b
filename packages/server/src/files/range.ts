/**
 * The header Range (RFC 9110, section 14): one range of bytes, as players and broken-off downloads ask for. Several at
 * once, other units and what is no range at all are passed over, as the RFC allows: then the whole file comes.
 */
export type Range =
  | { readonly kind: 'whole' }
  /** Both ends belong to it. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  /** Nothing of the file lies in it. */
  | { readonly kind: 'outside' };

const WHOLE: Range = { kind: 'whole' };

export function readRange(header: string | undefined, size: number): Range {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return WHOLE;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? { kind: 'outside' } : { kind: 'part', start: size - length, end: size - 1 };
  }
  const start = Number(from);
  if (to !== '' && Number(to) < start) return WHOLE;
  if (start >= size) return { kind: 'outside' };
  return { kind: 'part', start, end: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}
