/**
 * May a web page of this origin open a socket? Browsers ask nobody before they do, so this is the only guard there is:
 * any page of the internet can reach a server on the visitor's own machine.
 */
export interface OriginRules {
  /** '*': pages of every origin. */
  readonly allowed: '*' | readonly string[];
  /** Callers need no token, so that '*' would let every page in: then only listed origins and pages of this machine. */
  readonly guarded: boolean;
}

/** Programs that are no browsers send no origin. */
export function mayOpen(origin: string | undefined, { allowed, guarded }: OriginRules): boolean {
  if (origin === undefined) return true;
  if (allowed !== '*' && allowed.includes(origin)) return true;
  if (allowed === '*' && !guarded) return true;
  return guarded && isLoopback(origin);
}

/** A page that this machine itself serves: its developer's. */
function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname, protocol } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
