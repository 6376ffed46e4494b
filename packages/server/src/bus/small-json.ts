/** JSON of what is small, without the work of writing what is large first. */

/** null: it would take more bytes than that. */
export function smallJson(value: unknown, bytesMax: number): string | null {
  if (atLeast(value, bytesMax) > bytesMax) return null;
  const text = JSON.stringify(value);
  return Buffer.byteLength(text) > bytesMax ? null : text;
}

/** Less than the JSON will take; counting ends where it is more than `enough`. */
function atLeast(value: unknown, enough: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 1;
  let sum = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      sum += atLeast(item, enough - sum);
      if (sum > enough) return sum;
    }
    return sum;
  }
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    sum += name.length + 3 + atLeast(item, enough - sum);
    if (sum > enough) return sum;
  }
  return sum;
}
