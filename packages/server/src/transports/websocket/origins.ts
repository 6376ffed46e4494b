/**
 * May a web page of this origin open a socket? Browsers ask nobody before they do, so this is the only guard there is:
 * any page of the internet can reach a server on the visitor's own machine.
 */
export interface OriginRules {
  /** '*': pages of every origin. */
  readonly allowed: '*' | readonly string[];
  /** Callers need no token, so that '*' would let every page in: then only listed origins and pages of this machine. */
  readonly guarded: boolean;
  /** Names of hosts under which the server may be called where it is guarded, beside addresses and localhost. */
  readonly hostNames: readonly string[];
}

/** The rules of a server with this configuration. */
export const originRules = (
  {
    corsOrigins,
    publicUrl,
  }: { readonly corsOrigins: '*' | readonly string[]; readonly publicUrl: string | null },
  guarded: boolean,
): OriginRules => ({
  allowed: corsOrigins,
  guarded,
  hostNames: [...(corsOrigins === '*' ? [] : corsOrigins), ...(publicUrl === null ? [] : [publicUrl])].map(
    (url) => new URL(url).hostname,
  ),
});

/**
 * Is the server called by a name that is its own? A page of the internet may give its own name the address of this
 * machine, and browsers then take the server for a part of that page, and send no origin.
 */
export function isOwnName(host: string | undefined, { guarded, hostNames }: OriginRules): boolean {
  if (!guarded) return true;
  const url = `http://${host ?? ''}`;
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  const isAddress = hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname);
  return (
    isAddress || hostname === 'localhost' || hostname.endsWith('.localhost') || hostNames.includes(hostname)
  );
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
