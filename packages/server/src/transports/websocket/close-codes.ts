/**
 * Why the server ends a socket. Codes below 4000 are those of RFC 6455; the others are Ackord's own and never change
 * their meaning. `docs/finance.md` lists them.
 */
export const CLOSE = {
  /** The server stops, or what the socket was about is gone. Connect again, perhaps elsewhere. */
  goingAway: 1001,
  /** The frame is larger than a socket may ever send. */
  tooLarge: 1009,
  /** More came, for longer, than the limits allow, or nothing of it could be understood. */
  abuse: 4429,
  /** It speaks another version of the protocol than this server. */
  wrongProtocol: 4400,
  /** No token came, it is not valid here, or it has ended. */
  unauthenticated: 4401,
  /** The user has no access to what the address names, or lost it. */
  forbidden: 4403,
  /** Too many sockets of this caller are open. */
  tooManySockets: 4408,
  /** It reads more slowly than things happen, and was too far behind. Connect again and load anew. */
  tooSlow: 4413,
  /** Of GraphQL: the subprotocol is not graphql-transport-ws. */
  wrongSubprotocol: 4406,
  /** Of GraphQL: a subscription of this name is running. */
  nameTaken: 4409,
  /** The server failed; a defect of ours. */
  failed: 4500,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];
