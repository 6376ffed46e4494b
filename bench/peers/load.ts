/**
 * Loads a package of the peers. They are installed here alone (`npm ci` in this folder), not with the product, so their
 * names are not written as imports: type checks and import checks pass without them. Callers say which shape they use.
 */
export async function load<T>(name: string): Promise<T> {
  const module: T = await import(name);
  return module;
}
