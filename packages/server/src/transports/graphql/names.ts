/** Names that follow from other names. */
export const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** `Trip` → `trip`, `GPXTrack` → `gpxTrack`. */
export const lowerFirst = (name: string): string => {
  const capitals = /^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/.exec(name)?.[0] ?? '';
  return capitals.toLowerCase() + name.slice(capitals.length);
};

/** `categoryId` → `category`; null for a reference of another form. */
export function relationName(field: string): string | null {
  return /^(.+)Id$/.exec(field)?.[1] ?? null;
}

/** `tagIds` → `tags`; where the name is that of the type, the type's own plural is used. */
export function relationsName(
  field: string,
  type: { readonly name: string; readonly plural: string },
): string | null {
  const stem = /^(.+)Ids$/.exec(field)?.[1];
  if (stem === undefined) return null;
  return stem === lowerFirst(type.name) ? type.plural : `${stem}s`;
}

export const isGraphQLName = (name: string): boolean => /^(?!__)[_A-Za-z]\w*$/.test(name);
