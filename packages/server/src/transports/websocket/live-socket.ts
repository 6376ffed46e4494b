/**
 * A socket as the protocols see it: text in, text out. What goes out is bounded: whoever uses it looks at
 * `bufferedBytes` and stops before the bound; a socket that is beyond it all the same is ended.
 */
import { LIMITS } from '@ackord/core';
import type { WebSocket } from 'ws';
import { CLOSE, type CloseCode } from './close-codes.ts';
import { piecesOf, type TextFrames } from './text-frames.ts';

export interface LiveSocket {
  /** IP address of the other side. */
  readonly address: string;
  readonly isOpen: boolean;
  /** What was sent and lies in this process still. */
  readonly bufferedBytes: number;
  /** Text, or its UTF-8 bytes where several sockets get the same. */
  send(text: string | Uint8Array): void;
  /** Frames that several sockets get; `leftOut`: the places of those that this one does not. */
  sendFrames(frames: TextFrames, leftOut?: ReadonlySet<number>): void;
  close(code: CloseCode, reason: string): void;
  /** All that is sent in `work` goes out together. */
  together(work: () => void): void;
  /** Asks the other side for a sign that all that was sent before has arrived; `answered` is called when it comes. */
  probe(answered: () => void): void;
  /** No message is read until `resume`: the other side has to wait. */
  pause(): void;
  resume(): void;
}

/** `compresses`: also what goes to this socket alone, if the other side takes that. */
export const liveSocket = (socket: WebSocket, address: string, compresses: boolean): LiveSocket =>
  new FramedSocket(socket, address, compresses);

/** Thousands exist at once: methods, not closures. */
class FramedSocket implements LiveSocket {
  readonly address: string;
  readonly #socket: WebSocket;
  readonly #frame: { readonly binary: false; readonly compress: boolean };
  #probes: Map<string, () => void> | null = null;
  #nextProbe = 1;

  constructor(socket: WebSocket, address: string, compresses: boolean) {
    this.#socket = socket;
    this.address = address;
    this.#frame = compresses ? COMPRESSED : PLAIN;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string | Uint8Array): void {
    if (!this.isOpen) return;
    this.#socket.send(text, this.#frame);
    this.#endIfFarBehind();
  }

  sendFrames({ payloads, plain, compressed }: TextFrames, leftOut: ReadonlySet<number> = NONE): void {
    if (!this.isOpen || leftOut.size === payloads.length) return;
    const stream = idleStreamOf(this.#socket);
    if (stream) {
      const pieces = piecesOf(takesCompressed(this.#socket) ? compressed() : plain, leftOut);
      if (pieces.length > 1) stream.cork();
      let isTaken = true;
      for (const piece of pieces) isTaken = stream.write(piece);
      if (pieces.length > 1) stream.uncork();
      if (isTaken) return;
    } else {
      payloads.forEach((payload, at) => {
        if (!leftOut.has(at)) this.#socket.send(payload, this.#frame);
      });
    }
    this.#endIfFarBehind();
  }

  close(code: CloseCode, reason: string): void {
    end(this.#socket, code, reason);
  }

  together(work: () => void): void {
    const stream = rawStreamOf(this.#socket);
    stream?.cork();
    try {
      work();
    } finally {
      stream?.uncork();
    }
  }

  probe(answered: () => void): void {
    this.#probes ??= this.#listenForPongs();
    if (!this.isOpen || this.#probes.size >= PROBES_MAX) return;
    const key = String(this.#nextProbe++);
    this.#probes.set(key, answered);
    this.#socket.ping(key);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #listenForPongs(): Map<string, () => void> {
    const probes = new Map<string, () => void>();
    this.#socket.on('pong', (data) => {
      const key = data.toString();
      const answered = probes.get(key);
      probes.delete(key);
      answered?.();
    });
    return probes;
  }

  #endIfFarBehind(): void {
    if (this.#socket.bufferedAmount > LIMITS.socketBufferBytesMax)
      end(this.#socket, CLOSE.tooSlow, 'too far behind');
  }
}

const COMPRESSED = { binary: false, compress: true } as const;
const PLAIN = { binary: false, compress: false } as const;

const NONE: ReadonlySet<number> = new Set();

/** Of a side that never answers. */
const PROBES_MAX = 4;

/** A polite end, and one that does not wait for the other side. */
function end(socket: WebSocket, code: CloseCode, reason: string): void {
  if (socket.readyState === socket.CLOSED) return;
  socket.resume();
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), LIMITS.socketCloseMsMax).unref();
}

/** It has agreed to frames that anybody can unpack: each for itself, in a window of the full size. */
function takesCompressed(socket: WebSocket): boolean {
  const agreed = (socket as unknown as Inside)._extensions?.['permessage-deflate']?.params;
  return (
    agreed?.server_no_context_takeover === true &&
    (agreed.server_max_window_bits ?? WINDOW_BITS) === WINDOW_BITS
  );
}

const WINDOW_BITS = 15;

interface Inside {
  readonly _socket?: { cork(): void; uncork(): void; write(bytes: Uint8Array): boolean };
  readonly _extensions?: {
    readonly 'permessage-deflate'?: {
      readonly params?: {
        readonly server_no_context_takeover?: boolean;
        readonly server_max_window_bits?: number;
      };
    };
  };
  readonly _sender?: { readonly _state?: number; readonly _queue?: { readonly length: number } };
}

/** ws writes each frame by itself; corked, a socket's frames of one turn are one system call. */
const rawStreamOf = (socket: WebSocket) => (socket as unknown as Inside)._socket ?? null;

/** The stream, if nothing is on its way through a compression: that would be overtaken. */
function idleStreamOf(socket: WebSocket) {
  const { _sender: sender, _socket: stream } = socket as unknown as Inside;
  return sender?._state === 0 && sender._queue?.length === 0 && stream ? stream : null;
}
