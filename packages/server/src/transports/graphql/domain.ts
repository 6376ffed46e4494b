/**
 * What a domain may say about its GraphQL face beyond what the registry knows. All of it is optional: without a word,
 * every entity type gets an output type, a bulk input, relations along its references, and the sync operations.
 */
import type { RecordState } from '@ackord/core';
import type { Resolvers } from './resolver.ts';

/** A stored field under another name, or with another type than its kind has. */
export interface AliasOutput {
  readonly field: string;
  /** As GraphQL writes it: `Int!`. */
  readonly type?: string;
  readonly description?: string;
}

/** The record or the records that a stored field names, under another name or with another type. */
export interface ReferenceOutput {
  readonly reference: string;
  readonly type: string;
  readonly description?: string;
}

/** A value computed from the record alone. */
export interface ComputedOutput {
  readonly type: string;
  readonly value: (record: RecordState) => unknown;
  readonly description?: string;
}

/** A URL, signed when it is asked for, of the file that a stored field names; null without a file. */
export interface FileOutput {
  readonly file: string;
  /** How long the URL holds. */
  readonly seconds: number;
  readonly description?: string;
}

export type OutputMapping = AliasOutput | ReferenceOutput | ComputedOutput | FileOutput;

export interface GraphQLType {
  readonly description?: string;
  /** More output fields, others in place of the default ones, or null to leave one out. */
  readonly outputs?: { readonly [output: string]: OutputMapping | null };
  /** Stored field → its name in inputs and in JSON texts, where that is not its own. */
  readonly inputNames?: { readonly [field: string]: string };
  /** Inputs that stand for several stored fields, e.g. a location: member → stored field. */
  readonly inputGroups?: {
    readonly [input: string]: {
      readonly type: string;
      readonly members: { readonly [member: string]: string };
    };
  };
  /**
   * Records in a user's own scope can be used in a scope that others share (a tag on a memory). These stored fields
   * are what the others see of them; all else reads as empty.
   */
  readonly shownToOthers?: readonly string[];
  /** Does the record name a file that has not been uploaded? Then it reads as FILES_PENDING. */
  readonly filePending?: (record: RecordState) => boolean;
}

export interface GraphQLDomain {
  /** Name of the domain in the registry. */
  readonly name: string;
  readonly types?: { readonly [entity: string]: GraphQLType };
  /** Name of the enum of roles. */
  readonly roleType?: string;
  /** More types, and operations as `extend type Query { … }`. */
  readonly sdl?: string;
  /** Resolvers of what `sdl` adds. */
  readonly resolvers?: Resolvers;
}

export const defineGraphQL = (domain: GraphQLDomain): GraphQLDomain => domain;
