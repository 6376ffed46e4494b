/** How records are, and what has stood in them: each value with who set it and at which version. */

export interface Writer {
  readonly name: string;
  readonly userId: string;
  /** The version of a record that it was sent last. */
  known(key: string): number;
}

export interface Setter {
  readonly writer: Writer;
  readonly version: number;
}

export interface Seen {
  doc: Readonly<Record<string, unknown>>;
  isDeleted: boolean;
  /** Of the values that stand. */
  readonly setters: Map<string, Setter>;
  deletedBy: Setter | null;
  /** Field → all values that it ever had, as JSON, with the first who set each. */
  readonly ever: Map<string, Map<string, Setter[]>>;
}

export class SeenRecords {
  readonly #byKey = new Map<string, Seen>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Seen | undefined {
    return this.#byKey.get(key);
  }

  add(key: string, setter: Setter, doc: Readonly<Record<string, unknown>>, isDeleted: boolean): void {
    const setters = new Map(Object.keys(doc).map((field) => [field, setter]));
    this.#byKey.set(key, { doc, isDeleted, setters, deletedBy: null, ever: new Map() });
  }

  note(key: string, setter: Setter, doc: Readonly<Record<string, unknown>>): void {
    const { ever } = this.#byKey.get(key) ?? {};
    for (const [field, value] of Object.entries(doc)) {
      const values = ever?.get(field) ?? new Map<string, Setter[]>();
      const text = JSON.stringify(value ?? null);
      values.set(text, [...(values.get(text) ?? []), setter]);
      ever?.set(field, values);
    }
  }

  hasStood(key: string, field: string, value: unknown): boolean {
    return (
      this.#byKey
        .get(key)
        ?.ever.get(field)
        ?.has(JSON.stringify(value ?? null)) ?? false
    );
  }

  /**
   * Had the writer not been given what that setter wrote? A value that was put back is known to whoever had been given
   * it before, or had written it.
   */
  isUnseen(writer: Writer, key: string, setter: Setter, field?: string, value?: unknown): boolean {
    const wasGiven = (one: Setter): boolean =>
      one.writer.name === writer.name || one.version <= writer.known(key);
    if (wasGiven(setter)) return false;
    if (field === undefined) return true;
    const before =
      this.#byKey
        .get(key)
        ?.ever.get(field)
        ?.get(JSON.stringify(value ?? null)) ?? [];
    return !before.some(wasGiven);
  }
}
