/** A named SQL statement: prepared once per connection under its name, so the name must tell it from all others. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const statement = (name: string, text: string): Statement => ({ name, text: text.trim() });
