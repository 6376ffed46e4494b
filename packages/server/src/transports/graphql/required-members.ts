/** Which members of a domain's own input types must be given: read off their text, so that it is said once. */
import { Kind, parse } from 'graphql';

/** Name of an input type → its members that may not be left out, as the text of the domain's own types says. */
export type RequiredMembers = ReadonlyMap<string, ReadonlySet<string>>;

/** Of the input types in a text of GraphQL types, which may be empty. Throws where it is none. */
export function requiredMembers(sdl: string): RequiredMembers {
  const required = new Map<string, Set<string>>();
  if (sdl.trim() === '') return required;
  for (const node of parse(sdl).definitions) {
    if (node.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION) continue;
    const members = (node.fields ?? []).filter(
      ({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && !defaultValue,
    );
    required.set(node.name.value, new Set(members.map(({ name }) => name.value)));
  }
  return required;
}
