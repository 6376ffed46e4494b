/**
 * The token that comes with a request for a socket: as the header `Authorization`, or, since pages of browsers can set
 * no headers, as a pair of subprotocols, `bearer` and the token. (A third way is the first message.)
 */
import type { IncomingMessage } from 'node:http';

export const TOKEN_PROTOCOL = 'bearer';

/** As the header would be; undefined: no token came. */
export function authorizationOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const at = protocols.indexOf(TOKEN_PROTOCOL);
  const token = at < 0 ? undefined : protocols[at + 1];
  return token === undefined || token === '' ? undefined : `Bearer ${token}`;
}

/** Clients of this one go on only where it is the chosen one. */
const GRAPHQL_PROTOCOL = 'graphql-transport-ws';

/** What the answer names as the chosen subprotocol: never the token. */
export function chosenProtocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(GRAPHQL_PROTOCOL)) return GRAPHQL_PROTOCOL;
  return offered.has(TOKEN_PROTOCOL) ? TOKEN_PROTOCOL : ([...offered][0] ?? false);
}
