/**
 * The one look at an upload before it counts: is it there, is it as large as it may be, of the type that was signed, and
 * what is its SHA-256? Read as a stream, and only so many at a time.
 */
import { createHash } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { acceptedType } from './content.ts';
import type { FileFacts, FileRow, FileStore } from './ports.ts';

/** null: nothing was uploaded, or not what was signed. `isOfType`: false for files that nobody signed. */
export type LookAt = (file: FileRow, isOfType?: boolean) => Promise<FileFacts | null>;

export function lookAtBytes(store: FileStore, atOnceMax: number = LIMITS.fileReadsAtOnceMax): LookAt {
  const inTurn = takingTurns(atOnceMax);
  return async (file, isOfType = true) => {
    const { key, name, contentType, sizeMax } = file;
    const there = await store.stat(key);
    if (!there || there.size > sizeMax) return null;
    const type = there.contentType;
    if (isOfType && type !== null && acceptedType(type) !== contentType) return null;
    return inTurn(async () => {
      const stream = await store.read(key);
      if (!stream) return null;
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        // Leaving the loop destroys the stream.
        if (size > sizeMax) return null;
        hash.update(chunk);
      }
      return { key, name, contentType, size, sha256: hash.digest('hex') };
    });
  };
}

/** Runs so many at a time; the others wait, first come, first served. */
function takingTurns(atOnceMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The turn is handed on, so that nobody slips in between.
      if (next) next();
      else running -= 1;
    }
  };
}
