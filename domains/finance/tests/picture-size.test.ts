/** What a picture says of itself before it is decoded. */
import { Jimp } from 'jimp';
import { describe, expect, test } from 'vitest';
import { isHonest, pictureSize } from '../src/rest/picture-size.ts';

const picture = (type: 'image/png' | 'image/jpeg'): Promise<Buffer> =>
  new Jimp({ width: 30, height: 20, color: 0xff0000ff }).getBuffer(type);

describe('PNG and JPEG', () => {
  test.each([
    ['image/png', 'png'],
    ['image/jpeg', 'jpeg'],
  ] as const)('%s', async (type, format) => {
    const bytes = await picture(type);
    const size = { format, width: 30, height: 20 } as const;
    expect(pictureSize(bytes)).toEqual(size);
    expect(await isHonest(bytes, size)).toBe(true);
  });

  test('what is before the frame of a JPEG is passed over', async () => {
    const bytes = await picture('image/jpeg');
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0x00, 0x42]), Buffer.alloc(64, 0xc0)]);
    const longer = Buffer.concat([bytes.subarray(0, 2), comment, Buffer.from([0xff]), bytes.subarray(2)]);
    expect(pictureSize(longer)).toMatchObject({ width: 30, height: 20 });
  });

  test('at any length it answers, and never with a size that is not there', async () => {
    for (const type of ['image/png', 'image/jpeg'] as const) {
      const bytes = await picture(type);
      for (let length = 0; length < bytes.length; length += 1) {
        const size = pictureSize(bytes.subarray(0, length));
        if (size) expect(size).toMatchObject({ width: 30, height: 20 });
      }
    }
  });
});

describe('not honest', () => {
  test('a JPEG of very many scans', async () => {
    const bytes = await picture('image/jpeg');
    const scans = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([0xff, 0xda, 0, 2])));
    const size = { format: 'jpeg', width: 30, height: 20 } as const;
    expect(await isHonest(Buffer.concat([bytes, scans]), size)).toBe(false);
  });

  test('a PNG that holds more than its size', async () => {
    const bytes = await picture('image/png');
    expect(await isHonest(bytes, { format: 'png', width: 2, height: 2 })).toBe(false);
  });

  test('a PNG that holds nothing', async () => {
    expect(
      await isHonest((await picture('image/png')).subarray(0, 33), { format: 'png', width: 2, height: 2 }),
    ).toBe(false);
  });
});
