/**
 * Documents that were parsed and validated before, by their text. The longest unused ones go first; the bound counts
 * characters, since what is kept of a document grows with its length.
 */
export interface DocumentCache<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
  readonly size: number;
}

export function createDocumentCache<T>(charsMax: number): DocumentCache<T> {
  const entries = new Map<string, T>();
  let chars = 0;
  return {
    get(text) {
      const value = entries.get(text);
      if (value === undefined) return undefined;
      // A map keeps insertion order: what was used last stands last.
      entries.delete(text);
      entries.set(text, value);
      return value;
    },
    set(text, value) {
      // A document that would push out many others is not worth it; bulk rows written into a document look like that.
      if (text.length > charsMax / 16 || entries.has(text)) return;
      entries.set(text, value);
      chars += text.length;
      for (const oldest of entries.keys()) {
        if (chars <= charsMax) break;
        entries.delete(oldest);
        chars -= oldest.length;
      }
    },
    get size() {
      return entries.size;
    },
  };
}
