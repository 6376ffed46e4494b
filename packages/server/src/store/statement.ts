/**
 * How a statement looks up many keys at once: the keys are rows of `unnest`, and each is looked up in a LATERAL
 * sub-select with LIMIT 1 or OFFSET 0. Neither changes the result; both keep the planner from merging the two, so it
 * is one index probe per key with the shard key in it, whatever the statistics say, also on tables that were never
 * analyzed. (A join with `scope_id = ANY (list)` beside it took 400 ms over 1,000 scopes instead of 3 ms: the list
 * became the index condition of every probe.)
 */

/** A named SQL statement: prepared once per connection under its name, so the name must tell it from all others. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const statement = (name: string, text: string): Statement => ({ name, text: text.trim() });
