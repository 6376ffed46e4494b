/** Which field of which record holds which kind of file, and what becomes of the record when the file is there. */
import { LIMITS } from '@ackord/core';
import { acceptedType, type FileFacts, type FileOwner, type UploadAsk } from '@ackord/server';

export interface FileSlot {
  /** Wire name of the entity type. */
  readonly entityType: 'MediaItem' | 'GPXTrack' | 'Trip';
  readonly field: string;
  readonly folder: (id: string) => string;
  readonly prefix: string;
  readonly sizeMax: number;
  /** The record keeps which file it has, and is FILES_PENDING until then. */
  readonly isAwaited: boolean;
  readonly takes: (contentType: string) => boolean;
}

const any = (contentType: string): boolean => acceptedType(contentType) !== null;
const isPicture = (contentType: string): boolean => /^image\/(jpeg|jpg|png|webp)$/.test(contentType);

/** By what callers name as `entityType`. */
export const SLOTS: ReadonlyMap<string, FileSlot> = new Map<string, FileSlot>([
  [
    'MediaItem',
    {
      entityType: 'MediaItem',
      field: 'objectName',
      folder: () => 'media',
      prefix: '',
      sizeMax: LIMITS.fileBytesMax,
      isAwaited: true,
      takes: any,
    },
  ],
  [
    'MediaItemThumbnail',
    {
      entityType: 'MediaItem',
      field: 'thumbnailObjectName',
      folder: () => 'media',
      prefix: '',
      sizeMax: LIMITS.coverBytesMax,
      isAwaited: false,
      takes: any,
    },
  ],
  [
    'GPXTrack',
    {
      entityType: 'GPXTrack',
      field: 'gpxFileObjectName',
      folder: () => 'gpx',
      prefix: '',
      sizeMax: LIMITS.gpxBytesMax,
      isAwaited: true,
      takes: any,
    },
  ],
  [
    'Trip',
    {
      entityType: 'Trip',
      field: 'coverImageObjectName',
      folder: (id) => `trip-${id}`,
      prefix: 'cover-',
      sizeMax: LIMITS.coverBytesMax,
      isAwaited: false,
      takes: isPicture,
    },
  ],
]);

export function slotOf(entityType: FileSlot['entityType'] | 'MediaItemThumbnail'): FileSlot {
  const slot = SLOTS.get(entityType);
  if (!slot) throw new Error(`${entityType} has no files`);
  return slot;
}

export const ownerOf = ({ entityType, field }: FileSlot, domain: string, id: string): FileOwner => ({
  type: `${domain}.${entityType}`,
  id,
  field,
});

/** `name`: what the client calls it; null: the key is its name. */
export function askFor(
  slot: FileSlot,
  owner: FileOwner | null,
  file: { readonly name: string | null; readonly extension: string; readonly contentType: string },
): UploadAsk {
  const { prefix, sizeMax } = slot;
  return { ...file, owner, folder: slot.folder(owner?.id ?? ''), prefix, sizeMax };
}

/** What the record is told of a file that is there. */
export const fieldsFor = (
  { field, isAwaited }: FileSlot,
  { name, sha256 }: FileFacts,
): { readonly [field: string]: string } =>
  isAwaited ? { [field]: name, uploadedObjectName: name, fileSha256: sha256 } : { [field]: name };
