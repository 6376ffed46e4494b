/** A picture, film or sound of a memory. The file itself lies in the file store, under `objectName`. */
import { defineEntity, instant, integer, name, number, text, uuid } from '@ackord/core';
import { z } from 'zod';

export const mediaItem = defineEntity({
  name: 'MediaItem',
  plural: 'mediaItems',
  scope: 'owner',
  fields: {
    memoryId: uuid(),
    objectName: name(),
    thumbnailObjectName: text().nullable(),
    /** MIME type, or what older apps call it: "image", "video". */
    mediaType: name(),
    timestamp: instant().nullable(),
    /** Position among the items of the memory. */
    order: integer().default(0),
    /** Bytes. Films outgrow 32 bits, so this is any whole number that JavaScript keeps exactly. */
    filesize: z.int().min(0).default(0),
    /** Seconds. */
    duration: number().nullable(),
    /** The `objectName` whose file is here, and that file's SHA-256 as hex digits. */
    uploadedObjectName: text().nullable(),
    fileSha256: text().nullable(),
  },
  serverOwned: ['uploadedObjectName', 'fileSha256'],
  references: { memoryId: { to: 'Memory', onDelete: 'cascade' } },
});
