/** How answers of REST are compressed: from a size on that is worth it, and cheaply, for most are made for one caller. */
import { constants } from 'node:zlib';
import { LIMITS } from '@ackord/core';
import type { FastifyCompressOptions } from '@fastify/compress';

export const COMPRESSION: FastifyCompressOptions = {
  threshold: LIMITS.compressFromBytes,
  encodings: ['br', 'gzip'],
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
};
