/**
 * What an app says to Zero, on both sides: its one table, a mutator that writes any number of records, and two queries.
 * Promises: the same mutator runs on the device and, as one statement, in the database.
 */
import { load } from './load.ts';

export interface Item {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly amount: number;
  readonly editedAt: string;
}
export interface Transaction {
  readonly location: 'client' | 'server';
  readonly mutate: { readonly item: { upsert(item: Item): Promise<void> } };
  readonly dbTransaction: { query(sql: string, values: readonly unknown[]): Promise<unknown> };
}
type Named<Input> = (input: Input) => object;
export interface ZeroApp {
  readonly schema: object;
  readonly mutators: { readonly put: Named<{ readonly items: readonly Item[] }> };
  readonly queries: { readonly all: () => object; readonly one: Named<{ readonly id: string }> };
}
interface Table {
  columns(columns: object): Table;
  primaryKey(...columns: string[]): Table;
}
interface Query {
  where(column: string, value: string): Query;
}
interface Package {
  table(name: string): Table;
  string(): { from(column: string): object };
  number(): object;
  createSchema(parts: object): object;
  createBuilder(schema: object): { item: Query };
  defineMutator(run: (call: { tx: Transaction; args: { items: readonly Item[] } }) => Promise<void>): object;
  defineMutators(mutators: object): ZeroApp['mutators'];
  defineQuery(make: (call: { args: { id: string } }) => Query): object;
  defineQueries(queries: object): ZeroApp['queries'];
}

export const TABLE =
  'CREATE TABLE item (id text PRIMARY KEY, name text NOT NULL, text text NOT NULL, amount float8 NOT NULL, "editedAt" text NOT NULL)';
const PUT =
  'INSERT INTO item SELECT * FROM json_to_recordset($1) AS r(id text, name text, text text, amount float8, "editedAt" text) ' +
  'ON CONFLICT (id) DO UPDATE SET name = excluded.name, text = excluded.text, amount = excluded.amount, "editedAt" = excluded."editedAt"';

export async function zeroApp(): Promise<ZeroApp> {
  const zero = await load<Package>('@rocicorp/zero');
  const item = zero
    .table('item')
    .columns({
      id: zero.string(),
      name: zero.string(),
      text: zero.string(),
      amount: zero.number(),
      editedAt: zero.string(),
    })
    .primaryKey('id');
  const schema = zero.createSchema({ tables: [item] });
  const builder = zero.createBuilder(schema);
  return {
    schema,
    mutators: zero.defineMutators({
      put: zero.defineMutator(async ({ tx, args: { items } }) => {
        if (tx.location === 'server') await tx.dbTransaction.query(PUT, [JSON.stringify(items)]);
        else for (const one of items) await tx.mutate.item.upsert(one);
      }),
    }),
    queries: zero.defineQueries({
      all: zero.defineQuery(() => builder.item),
      one: zero.defineQuery(({ args }) => builder.item.where('id', args.id)),
    }),
  };
}
