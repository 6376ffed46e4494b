/**
 * Makes a logo of an uploaded picture: PNG or JPEG by content, scaled down to fit a small square, written anew as PNG,
 * so that nothing of the upload but its pixels is kept. One is made at a time, a few wait, the others are sent away.
 */
import { LIMITS } from '@ackord/core';
import type { Refusal } from '@ackord/server';
import { isHonest, pictureSize } from './picture-size.ts';
import { scalePicture } from './scale-picture.ts';

export type MadeLogo =
  | { readonly ok: true; readonly png: Buffer }
  | { readonly ok: false; readonly refusal: Refusal };

export type MakeLogo = (bytes: Buffer) => Promise<MadeLogo>;

export function createLogoMaker(): MakeLogo {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (bytes) => {
    const size = pictureSize(bytes);
    if (!size) return refused(415, 'The file is neither a PNG nor a JPEG picture.');
    if (size.width * size.height > LIMITS.logoPixelsMax)
      return refused(413, `A picture may have ${LIMITS.logoPixelsMax} pixels at most.`, 'TOO_LARGE');
    if (waiting >= LIMITS.logosWaitingMax)
      return { ok: false, refusal: { status: 503, code: 'BUSY', retryAfterMs: 1_000 } };
    waiting += 1;
    const made = last.then(async () => ((await isHonest(bytes, size)) ? scalePicture(bytes) : null));
    last = made.catch(() => {});
    try {
      const png = await made;
      return png ? { ok: true, png } : refused(422, 'The picture is damaged.');
    } finally {
      waiting -= 1;
    }
  };
}

const refused = (status: number, detail: string, code: Refusal['code'] = 'BAD_USER_INPUT'): MadeLogo => ({
  ok: false,
  refusal: { status, code, detail },
});
