/** Between a socket and graphql-ws: whole messages of a bounded size go in, at the pace that the limits allow. */
import { LIMITS } from '@ackord/core';
import type { Server } from 'graphql-ws';
import { tooMuchJson } from '../../../http/json-scan.ts';
import type { Logger } from '../../../observe/logger.ts';
import { CLOSE, type CloseCode } from '../../websocket/close-codes.ts';
import type { Knock, SocketHandler } from '../../websocket/socket-host.ts';
import type { Subscriber } from './subscriber.ts';

/** What is known of a connection beside the protocol. */
export interface Extra {
  readonly subscriber: Subscriber;
  /** The address under which the client reaches this server, without a slash at the end. */
  readonly origin: string;
}

export function handlerOf(
  server: Server<Extra>,
  extra: Extra,
  knock: Knock,
  logger: Pick<Logger, 'error' | 'warn'>,
): SocketHandler {
  const { subscriber } = extra;
  const { socket } = subscriber;
  let take: (text: string) => Promise<void> = async () => {};
  const closed = server.opened(
    {
      protocol: knock.protocol,
      send: (text) => socket.send(text),
      // Its codes are ours, but for the number.
      close: (code = CLOSE.failed, reason = '') => socket.close(code as CloseCode, fitting(reason)),
      onMessage: (listener) => {
        take = listener;
      },
    },
    extra,
  );
  return {
    message(text) {
      // What has been closed may still have had messages on their way.
      if (!socket.isOpen) return;
      subscriber.pace.begin(text?.length ?? 0);
      subscriber.pace.end();
      if (text === null) return socket.close(CLOSE.wrongProtocol, 'messages are text');
      if (text.length > LIMITS.subscribeCharsMax)
        return socket.close(CLOSE.tooLarge, 'the message is too large');
      if (tooMuchJson(Buffer.from(text), JSON_BOUNDS) !== null)
        return socket.close(CLOSE.wrongProtocol, 'the message has too much in it');
      take(text).catch((cause: unknown) => {
        if (isOfServers(cause)) return socket.close(CLOSE.wrongProtocol, 'only the server says that');
        logger.error({ err: cause }, 'a message of graphql-transport-ws could not be handled');
        socket.close(CLOSE.failed, 'the server failed; the cause has been logged');
      });
    },
    closed() {
      subscriber.closed();
      Promise.resolve(closed()).catch((cause: unknown) =>
        logger.warn({ err: cause }, 'a subscription did not end well'),
      );
    },
  };
}

const JSON_BOUNDS = {
  depthMax: LIMITS.bodyDepthMax,
  valuesMax: LIMITS.subscribeCharsMax,
  membersMax: LIMITS.bodyMembersMax,
};

/** A message that is one, but not a client's: graphql-ws has no other way to say so. */
const isOfServers = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.startsWith('Unexpected message of type ');

/** A reason may have 123 bytes; graphql-ws quotes what the client has sent. */
const fitting = (reason: string): string => (Buffer.byteLength(reason) > REASON_BYTES_MAX ? '' : reason);

const REASON_BYTES_MAX = 123;
