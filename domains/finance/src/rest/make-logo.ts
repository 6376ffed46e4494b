/**
 * Makes a logo of an uploaded picture: PNG or JPEG by content, scaled down to fit a small square, written anew as PNG,
 * so that nothing of the upload but its pixels is kept. Few are decoded at a time: that holds up everybody else.
 */
import { LIMITS } from '@ackord/core';
import type { Refusal } from '@ackord/server';
import { isHonest, pictureSize } from './picture-size.ts';

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
    const made = last.then(() => (isHonest(bytes, size) ? scaled(bytes) : DAMAGED));
    last = made.catch(() => {});
    return made.finally(() => {
      waiting -= 1;
    });
  };
}

async function scaled(bytes: Buffer): Promise<MadeLogo> {
  // It takes a third of a second to load: only for those who use it.
  const { Jimp } = await import('jimp');
  try {
    const picture = await Jimp.fromBuffer(bytes, {
      'image/jpeg': { maxResolutionInMP: LIMITS.logoPixelsMax / 1_000_000, maxMemoryUsageInMB: 256 },
    });
    const side = LIMITS.logoSideMax;
    if (picture.width > side || picture.height > side) picture.scaleToFit({ w: side, h: side });
    return { ok: true, png: await picture.getBuffer('image/png') };
  } catch {
    return DAMAGED;
  }
}

const refused = (status: number, detail: string, code: Refusal['code'] = 'BAD_USER_INPUT'): MadeLogo => ({
  ok: false,
  refusal: { status, code, detail },
});

const DAMAGED = refused(422, 'The picture is damaged.');
