/**
 * Documents that were parsed and validated before, by their text. The longest unused ones go first; the bound counts
 * weight, since what is kept of a document grows with what it asks for and with its length.
 */
export interface DocumentCache<T> {
  get(text: string): T | undefined;
  set(text: string, value: T, weight: number): void;
  readonly size: number;
}

export function createDocumentCache<T>(weightMax: number): DocumentCache<T> {
  const entries = new Map<string, { readonly value: T; readonly weight: number }>();
  let total = 0;
  return {
    get(text) {
      const entry = entries.get(text);
      if (!entry) return undefined;
      // A map keeps insertion order: what was used last stands last.
      entries.delete(text);
      entries.set(text, entry);
      return entry.value;
    },
    set(text, value, weight) {
      // A document that would push out many others is not worth it; bulk rows written into a document look like that.
      if (weight > weightMax / 16 || entries.has(text)) return;
      entries.set(text, { value, weight });
      total += weight;
      for (const [oldest, entry] of entries) {
        if (total <= weightMax) break;
        entries.delete(oldest);
        total -= entry.weight;
      }
    },
    get size() {
      return entries.size;
    },
  };
}
