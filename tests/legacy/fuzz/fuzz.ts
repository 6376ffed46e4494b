/** Makes hostile calls to every operation of the served schema, and reads every answer as a thief would. */

import { buildSchema, type GraphQLSchema } from 'graphql';
import type { Ground, Loose } from '../../gaps/ground.ts';
import type { Ask } from '../../support/graphql.ts';
import { type Chance, chanceOf } from '../apps/chance.ts';
import { Hostile, type Pool } from './hostile-arguments.ts';
import { documentOf, type Operation, operationsOf } from './operations.ts';
import {
  foreignMarkers,
  makeVictims,
  markerOf,
  NAMES,
  type Name,
  type Place,
  renewShared,
  TYPE_OF,
  type Victim,
} from './victims.ts';

/** Of the database, its driver, our libraries and files. Callers' own words hold none of them. */
const TELLTALES =
  /\bpg_|constraint|duplicate key|syntax error at|relation "|violates|SQLSTATE|SELECT |INSERT INTO|UPDATE "|\\n\s+at |node_modules|\.ts:\d|\/packages\/|\/domains\/|postgres|password_hash|TypeError|RangeError|undefined|sync_log|sync_conflict|user_pkey|ECONN|ENOENT|EACCES|\/tmp\/|ackord-files|graphql-jit|fastify|zod|ioredis|saxes|aws-sdk/i;
/** Signed texts, cursors and tokens: any letters may meet in them. */
const SIGNED = /\b[\w-]+\.[\w-]{16,}\.[\w-]{16,}|signature=[\w%-]+|[?&](sig|token)=[\w.%-]+/g;

/** Of whoever has not signed in, who may see it back. */
const NOBODYS = 'nobody-';

const MUTATIONS_AT_ONCE = 12;
const RENEW_EVERY = 600;

export interface FuzzReport {
  readonly calls: number;
  readonly documents: number;
  readonly operations: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
  /** Operations that were once answered with data. */
  readonly succeeded: number;
  readonly neverSucceeded: readonly string[];
  readonly faults: readonly string[];
}

class Fuzz {
  readonly ground: Ground;
  readonly chance: Chance;
  readonly victims: Record<Name, Victim>;
  readonly operations: readonly Operation[];
  /** With answers one level deeper. */
  readonly deepOperations: readonly Operation[];
  readonly faults: string[] = [];
  readonly byStatus: Record<string, number> = {};
  readonly codes: Record<string, number> = {};
  readonly succeeded = new Set<string>();
  calls = 0;
  documents = 0;

  constructor(ground: Ground, seed: number, schema: GraphQLSchema, victims: Record<Name, Victim>) {
    this.ground = ground;
    this.chance = chanceOf(seed);
    this.victims = victims;
    this.operations = operationsOf(schema, 2);
    this.deepOperations = operationsOf(schema, 3);
  }
}

export async function fuzz(ground: Ground, seed: number, sdl: string, callsMin: number): Promise<FuzzReport> {
  const run = new Fuzz(ground, seed, buildSchema(sdl), await makeVictims(ground));
  let renewed = 0;
  while (run.calls < callsMin && run.faults.length === 0) {
    await oneDocument(run);
    if (run.calls - renewed < RENEW_EVERY) continue;
    renewed = run.calls;
    await renewShared(run.victims);
  }
  checkLog(run);
  const neverSucceeded = run.operations.flatMap(({ name }) => (run.succeeded.has(name) ? [] : [name]));
  const { calls, documents, operations, byStatus, codes, succeeded, faults } = run;
  return {
    calls,
    documents,
    operations: operations.length,
    byStatus,
    codes,
    succeeded: succeeded.size,
    neverSucceeded,
    faults,
  };
}

async function oneDocument(run: Fuzz): Promise<void> {
  const { chance } = run;
  const kind = chance.percent(45) ? 'query' : 'mutation';
  const caller = chance.percent(4) ? null : (chance.one(NAMES) ?? null);
  const place = chance.one<Place>(['shared', 'shared', 'own', 'own', 'foreign']) ?? 'own';
  const isWild = chance.percent(5);
  const poolAt = (where: Place): Pool => {
    const pool = poolOf(run, caller ?? 'carol', where);
    return caller === null ? { ...pool, marker: NOBODYS } : pool;
  };
  const hostile = new Hostile(chance, poolAt(place), isWild ? 20 : 0);
  const of = (chance.percent(8) ? run.deepOperations : run.operations).filter(
    (operation) => operation.kind === kind,
  );
  // One fault in a query takes the whole answer along, and then there is little to look at.
  const count = isWild || kind === 'query' ? 1 : 1 + chance.number(MUTATIONS_AT_ONCE);
  // Companions see who somebody is.
  const open = new Hostile(chance, poolAt('shared'), isWild ? 20 : 0);
  const calls = Array.from({ length: count }, () => callOf(chance.one(of), { hostile, open }, chance)).filter(
    (call) => call !== null,
  );
  if (calls.length === 0) return;
  const variables = Object.fromEntries(
    calls.flatMap(({ values }, at) =>
      Object.entries(values).map(([name, value]) => [`${name}_${at}`, value]),
    ),
  );
  const ask = caller === null ? run.ground.server.anonymous() : askAs(run, caller);
  const document = documentOf(
    calls.map(({ operation, values }) => ({ operation, given: Object.keys(values) })),
  );
  const answer = await ask(document, variables);
  run.calls += calls.length;
  run.documents += 1;
  look(
    run,
    caller,
    place,
    calls.map(({ operation }) => operation.name),
    answer,
  );
}

function callOf(
  operation: Operation | undefined,
  { hostile, open }: { readonly hostile: Hostile; readonly open: Hostile },
  chance: Chance,
) {
  if (!operation) return null;
  // What ends it all happens now and then.
  if (/^(delete|unshare|transfer)/.test(operation.name) && chance.percent(80)) return null;
  const by = operation.name === 'updateUser' ? open : hostile;
  by.operation = operation.name;
  const values = operation.args.flatMap(({ name, type }) => {
    const value = by.value(type, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { operation, values: Object.fromEntries(values) };
}

const askAs = ({ ground, victims }: Fuzz, name: Name): Ask => {
  const ask = ground.server.anonymous();
  const headers = { authorization: `Bearer ${victims[name].person.token}` };
  return (query, variables) => ask(query, variables, { headers });
};

function poolOf({ victims }: Fuzz, caller: Name, place: Place): Pool {
  const others = NAMES.filter((name) => name !== caller).map((name) => victims[name]);
  const own = victims[caller];
  const users = Object.values(victims).map(({ person }) => person.userId);
  const marker = markerOf(caller, place);
  if (place === 'foreign')
    return {
      marker,
      users,
      typeOf: TYPE_OF,
      ids: others.flatMap(({ ids }) => ids.own),
      keys: others.flatMap(({ keys }) => keys),
    };
  // A key that is named in a shared record is shared by that.
  const keys = place === 'own' ? own.keys : [];
  return {
    marker,
    users,
    typeOf: TYPE_OF,
    ids: own.ids[place].slice(-150),
    keys: [...keys, 'a.jpg', `${marker}.jpg`],
  };
}

function look(run: Fuzz, caller: Name | null, place: Place, names: readonly string[], answer: Loose): void {
  const text = JSON.stringify(answer);
  const blame = (what: string): void => {
    run.faults.push(`${caller} ${place} ${names.join(' ')}: ${what}: ${text.slice(0, 600)}`);
  };
  run.byStatus[answer.status] = (run.byStatus[answer.status] ?? 0) + 1;
  // Whoever is not signed in may not send much.
  const isFine = [200, 400, ...(caller === null ? [413] : [])].includes(answer.status);
  if (!isFine) blame(`status ${answer.status}`);
  const foreign = foreignMarkers(caller, text);
  const at = text.indexOf(foreign[0] ?? '');
  if (foreign.length > 0)
    blame(`words of others: ${[...new Set(foreign)]} in ${text.slice(at - 500, at + 300)}`);
  const telling = TELLTALES.exec(text.replace(SIGNED, 'signed'));
  if (telling) blame(`telling words: ${telling[0]}`);
  const keys = NAMES.filter((name) => name !== caller).flatMap((name) => run.victims[name].keys);
  // A key that was sent may come back; an address of its file must not.
  const addresses = text.match(/https?:[^"\s]+/g)?.join(' ') ?? '';
  const leaked = keys.find((key) => addresses.includes(key));
  if (leaked) blame(`an address of a file of others: ${leaked}`);
  for (const { extensions } of answer.errors) {
    const code = String(extensions?.code);
    run.codes[code] = (run.codes[code] ?? 0) + 1;
    if (code === 'INTERNAL' || code === 'undefined') blame(code);
  }
  for (const [at, name] of names.entries()) {
    const made = answer.data?.[`a${at}`];
    if (made === null || made === undefined) continue;
    run.succeeded.add(name);
    if (caller !== null && place !== 'foreign' && name.startsWith('create') && typeof made.id === 'string') {
      TYPE_OF.set(made.id, name.replace('create', '').replace('Gpx', 'GPX'));
      run.victims[caller].ids[place].push(made.id);
    }
    if (caller !== null && typeof made.objectKey === 'string') run.victims[caller].keys.push(made.objectKey);
  }
}

function checkLog(run: Fuzz): void {
  const log = run.ground.server.log.join('\n');
  const foreign = foreignMarkers(null, log);
  if (foreign.length > 0) run.faults.push(`The log holds words of users: ${[...new Set(foreign)]}`);
  const errors = run.ground.server.log.filter((line) => /"level":(50|60|"error"|"fatal")/.test(line));
  if (errors.length > 0) run.faults.push(`The log tells of defects: ${errors[0]?.slice(0, 1_500)}`);
}
