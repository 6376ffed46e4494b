/**
 * Decodes a picture, scales it down and writes it as PNG, in a thread of its own: decoding takes up to half a second, in
 * which nobody else would be served. The thread ends with the picture, or when its time is over.
 * Promise: null for whatever is no picture that can be read; never throws.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { LIMITS } from '@ackord/core';

const require = createRequire(import.meta.url);

/** What the thread runs. Text, because a thread has no loader for modules of TypeScript. */
const SCRIPT = `
const { parentPort, workerData } = require('node:worker_threads');
const { library, bytes, side, megapixels } = workerData;
const { Jimp } = require(library);
(async () => {
  const options = { 'image/jpeg': { maxResolutionInMP: megapixels, maxMemoryUsageInMB: 256 } };
  const picture = await Jimp.fromBuffer(Buffer.from(bytes), options);
  if (picture.width > side || picture.height > side) picture.scaleToFit({ w: side, h: side });
  parentPort.postMessage(await picture.getBuffer('image/png'));
})().catch(() => parentPort.postMessage(null));
`;

export function scalePicture(bytes: Buffer): Promise<Buffer | null> {
  const worker = new Worker(SCRIPT, {
    eval: true,
    // It needs nothing of how this process was started.
    execArgv: [],
    env: {},
    workerData: {
      library: require.resolve('jimp'),
      bytes,
      side: LIMITS.logoSideMax,
      megapixels: LIMITS.logoPixelsMax / 1_000_000,
    },
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  return new Promise((resolve) => {
    const end = (png: Uint8Array | null): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(png && Buffer.from(png));
    };
    const timer = setTimeout(end, LIMITS.logoMsMax, null);
    worker.once('message', end);
    worker.once('error', () => end(null));
    worker.once('exit', () => end(null));
  });
}
