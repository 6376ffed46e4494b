/**
 * How much does a document ask for? Looked at before it is validated, since validation itself grows with the square of
 * a bad document. Fragments count wherever they are spread: a few lines can stand for millions of fields.
 */
import { LIMITS } from '@ackord/core';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

const NOTHING: Size = { depth: 0, aliases: 0, fields: 0 };

export interface DocumentLimits {
  readonly depthMax: number;
  readonly aliasesMax: number;
  readonly tokensMax: number;
}

/** What the operations of a document ask for together. */
export function sizeOf(document: DocumentNode): Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measure = measurer(fragments);
  let whole = NOTHING;
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) whole = joined(whole, measure(node.selectionSet));
  }
  return whole;
}

/** What is too much about it, in a sentence; null when it is fine. */
export function tooComplex({ depth, aliases, fields }: Size, limits: DocumentLimits): string | null {
  const { depthMax, aliasesMax } = limits;
  const fieldsMax = LIMITS.graphqlFieldsMax;
  if (depth > depthMax) return `It is ${depth} levels deep, ${depthMax} are allowed.`;
  if (aliases > aliasesMax) return `It has ${aliases} aliases, ${aliasesMax} are allowed.`;
  if (fields > fieldsMax) return `It selects ${fields} fields, ${fieldsMax} are allowed.`;
  return null;
}

function measurer(fragments: ReadonlyMap<string, FragmentDefinitionNode>): (set: SelectionSetNode) => Size {
  const known = new Map<string, Size>();

  const ofFragment = (name: string): Size => {
    const size = known.get(name);
    if (size) return size;
    // A fragment that spreads itself is refused by validation; here it only must not go on for ever.
    known.set(name, NOTHING);
    const fragment = fragments.get(name);
    const measured = fragment ? ofSet(fragment.selectionSet) : NOTHING;
    known.set(name, measured);
    return measured;
  };

  const ofSelection = (node: SelectionNode): Size => {
    switch (node.kind) {
      case Kind.FRAGMENT_SPREAD:
        return ofFragment(node.name.value);
      case Kind.INLINE_FRAGMENT:
        return ofSet(node.selectionSet);
      case Kind.FIELD: {
        const { depth, aliases, fields } = node.selectionSet ? ofSet(node.selectionSet) : NOTHING;
        // The types of a schema are nested deeply by nature; their number does not grow with the data.
        const shallow = node.name.value === '__schema' || node.name.value === '__type';
        return {
          depth: shallow ? 1 : depth + 1,
          aliases: aliases + (node.alias ? 1 : 0),
          fields: fields + 1,
        };
      }
    }
  };

  const ofSet = (set: SelectionSetNode): Size => set.selections.map(ofSelection).reduce(joined, NOTHING);
  return ofSet;
}

const joined = (a: Size, b: Size): Size => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  fields: a.fields + b.fields,
});
