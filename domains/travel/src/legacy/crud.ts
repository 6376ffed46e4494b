/** The three writing operations that every type of the older API has: create, update, delete. */
import { deleteRecord, type GraphQLContext, type Resolver, writeRecord } from '@ackord/server';
import { idOf } from './read-one.ts';

export type Input = { readonly [name: string]: unknown };
export type CreateArgs = { readonly input: Input };
export type UpdateArgs = { readonly id: string; readonly input: Input };
export type DeleteArgs = { readonly id: string };

const asSent = (input: Input): Input => input;

export const create =
  (type: string, tidy: (input: Input) => Input = asSent): Resolver<unknown, CreateArgs> =>
  (_source, { input }, context) =>
    writeRecord(context, { type, operation: 'CREATE', input: tidy(input) });

export const update =
  (type: string, tidy: (input: Input) => Input = asSent): Resolver<unknown, UpdateArgs> =>
  (_source, { id, input }, context) =>
    writeRecord(context, { type, operation: 'UPDATE', id: idOf('id', id), input: tidy(input) });

export const remove =
  (type: string): Resolver<unknown, DeleteArgs> =>
  (_source, { id }, context: GraphQLContext) =>
    deleteRecord(context, type, idOf('id', id));
