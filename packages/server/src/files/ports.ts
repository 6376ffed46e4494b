/**
 * Files of records: pictures, films, tracks. Three ports: `FileStore` keeps bytes under keys (a folder, or S3),
 * `FileTable` knows whose they are (the database), and `Files` is what resolvers ask for.
 *
 * A key is always made by the server and never used for a second file. A `name` is what clients call the file; under
 * a name there is a file only together with the record that it belongs to, so nobody gets at a file by naming it.
 * Times are milliseconds since 1970, sizes are bytes.
 */
import type { Readable } from 'node:stream';
import type { RecordState } from '@ackord/core';
import type { Actor } from '../engine/submission.ts';

/** Where a file belongs: one field of one record. */
export interface FileOwner {
  /** Key of the entity type: `travel.MediaItem`. */
  readonly type: string;
  readonly id: string;
  /** The field that holds the file's name. */
  readonly field: string;
}

export type FileState =
  /** An upload was signed; whether bytes have come is not known yet. */
  | 'pending'
  /** The bytes were looked at. */
  | 'complete'
  /** On its way out. */
  | 'removing';

export interface FileRow {
  readonly key: string;
  readonly name: string;
  /** Who may upload it. */
  readonly userId: string;
  /** null: it belongs to no record yet, so it is its uploader's alone. */
  readonly owner: FileOwner | null;
  readonly contentType: string;
  readonly sizeMax: number;
  readonly state: FileState;
  /** null until it is complete, as the checksum. */
  readonly size: number | null;
  /** 64 hex digits. */
  readonly sha256: string | null;
}

export interface NewFile
  extends Pick<FileRow, 'key' | 'name' | 'userId' | 'owner' | 'contentType' | 'sizeMax'> {
  /** Of the record, where there is one. */
  readonly scope: string | null;
  /** How long the upload may be begun. */
  readonly seconds: number;
}

/** What a record calls a file, and who made the record: an unbound file of that user counts as meant. */
export interface NamedFile {
  readonly owner: FileOwner;
  readonly name: string;
  readonly userId: string;
}

export interface Binding {
  readonly key: string;
  readonly owner: FileOwner;
  /** null: as it is. */
  readonly scope: string | null;
}

export interface CompletedFile {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  readonly binding: Binding | null;
}

/** A file whose time to be looked at has come. `used`: a live record names it. */
export interface DueFile extends FileRow {
  readonly used: boolean;
}

/** The rows. All calls reject with an error whose `outcome` is `unavailable` when the database can't be reached. */
export interface FileTable {
  /**
   * Adds uploads. Where the same user's upload to the same record under the same name is under way, that one goes on,
   * with the type and the end of this one. A row for each, in order; none may come twice. The sweep looks at them when
   * they have ended and the grace is over.
   */
  add(files: readonly NewFile[], graceMs: number): Promise<readonly FileRow[]>;
  /** Uploads of a user that are not complete, counted up to `countMax`. */
  pending(userId: string, countMax: number): Promise<number>;
  /** Adds a file that the store has already; leaves a row of that key as it is. Gives back the row of the key. */
  adopt(file: NewFile, graceMs: number): Promise<FileRow | null>;
  byKey(key: string): Promise<FileRow | null>;
  /** The complete file behind each, or null: one that is bound to it, else an unbound one of the user with that key. */
  named(files: readonly NamedFile[]): Promise<readonly (FileRow | null)[]>;
  /** What completing could mean: the complete one first, then the user's own uploads. */
  candidates(file: NamedFile): Promise<readonly FileRow[]>;
  /** The file is complete, and the only one behind its name. False when it was removed meanwhile. */
  complete(file: CompletedFile): Promise<boolean>;
  /** Binds unbound complete files; what is bound or gone by now is left alone. */
  bind(bindings: readonly Binding[]): Promise<void>;
  /** Takes files that are due, so that no other server takes them for LIMITS.sweepLeaseMs. */
  claimDue(rowsMax: number): Promise<readonly DueFile[]>;
  /**
   * What the sweep saw. Used ones are looked at again later; unused ones, and uploads that never came, go after the
   * grace. Gives back the keys of those whose time is over: nobody gets a URL for them any more.
   */
  judge(
    found: { readonly used: readonly string[]; readonly unused: readonly string[] },
    graceMs: number,
  ): Promise<readonly string[]>;
  /** Drops the rows of files that are on their way out. */
  forget(keys: readonly string[]): Promise<void>;
}

export interface UploadTarget {
  /** The server's own address as the client knows it, without a slash at the end. */
  readonly base: string;
  readonly key: string;
  readonly contentType: string;
  readonly sizeMax: number;
  readonly seconds: number;
}

export type DownloadTarget = Omit<UploadTarget, 'sizeMax'>;

export interface StoredFile {
  readonly size: number;
  /** null: the store keeps none. */
  readonly contentType: string | null;
}

/**
 * The bytes. A file is there whole or not at all. All calls reject with a FileStoreUnavailable when the store can't be
 * reached.
 */
export interface FileStore {
  /** Where a client PUTs the file, with exactly this Content-Type. */
  uploadUrl(target: UploadTarget): Promise<string>;
  /** Where a client GETs it, also in ranges. */
  downloadUrl(target: DownloadTarget): Promise<string>;
  stat(key: string): Promise<StoredFile | null>;
  /** null: it is not there. Read it to its end, or destroy it. */
  read(key: string): Promise<Readable | null>;
  /** Stores what the server itself made. */
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Does nothing where it is not there. */
  remove(key: string): Promise<void>;
  /** Clears away what broken uploads have left. */
  tidy(): Promise<void>;
}

/** The store can't be reached just now: the caller reads UNAVAILABLE. */
export class FileStoreUnavailable extends Error {
  readonly outcome = 'unavailable';
}

/** Who asks, and under which address it knows this server. */
export interface FileCaller {
  readonly actor: Actor;
  readonly base: string;
}

export interface UploadAsk {
  /** null: for no record yet; then the key is the name. */
  readonly owner: FileOwner | null;
  /** What the client calls it; null: the key is the name. */
  readonly name: string | null;
  /** The first part of the key: `media`. */
  readonly folder: string;
  /** Goes before the unique part of the key: `cover-`. */
  readonly prefix?: string;
  /** Of the name, checked; '' for none. */
  readonly extension: string;
  readonly contentType: string;
  readonly sizeMax: number;
}

export interface SignedUpload {
  readonly key: string;
  readonly name: string;
  readonly url: string;
  /** Seconds. */
  readonly seconds: number;
}

export interface WantedUrl {
  readonly record: RecordState;
  readonly field: string;
  readonly seconds: number;
}

/** A file that lies in the store already, under the name that the record has for it: moved in from elsewhere. */
export interface AdoptedFile {
  readonly key: string;
  readonly owner: FileOwner;
  /** Of the record. */
  readonly scope: string;
  /** Whose upload it counts as. */
  readonly userId: string;
  /** What it is, where the store does not say. */
  readonly contentType: string;
  readonly sizeMax: number;
}

/** A complete file. */
export interface FileFacts {
  readonly key: string;
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  readonly sha256: string;
}

export interface OpenFile extends FileFacts {
  /** Read it to its end, or destroy it. */
  readonly stream: Readable;
}

export interface Files {
  /** One per ask, in order; null where the caller may not change the record, or there is none. `too-many`: uploads under way. */
  signUploads(
    caller: FileCaller,
    asks: readonly UploadAsk[],
    seconds: number,
  ): Promise<readonly (SignedUpload | null)[] | 'too-many'>;
  /**
   * Looks at the bytes of an upload of this caller, and binds the file to the record. The caller's role is checked. null:
   * no such record, no right to change it, no such upload, or bytes that are not what was signed. Asked again it gives the
   * same file. The record itself is the caller's to change.
   */
  complete(actor: Actor, owner: FileOwner, name: string): Promise<FileFacts | null>;
  /**
   * Takes over what is in the store under a key that was made elsewhere; the caller answers for its being that record's.
   * null: it is not there, too large, or another record's. Asked again it gives the same file.
   */
  adopt(file: AdoptedFile): Promise<FileFacts | null>;
  /** One per wish, in order; null where there is no file. The records are taken as visible to the caller. */
  urlsOf(
    base: string,
    wanted: readonly WantedUrl[],
  ): Promise<readonly ({ readonly url: string; readonly file: FileFacts } | null)[]>;
  /** For a key of an upload of the caller, or of a record that it may see; else null. */
  signDownload(caller: FileCaller, key: string, seconds: number): Promise<string | null>;
  /** GET for what the caller itself has just been given to upload; nothing is checked. */
  signOwnDownload(
    caller: FileCaller,
    upload: { readonly key: string; readonly contentType: string },
    seconds: number,
  ): Promise<string>;
  /**
   * The bytes: of an unbound upload of the caller, by its key, or of a record that it may see. Looks at them first where
   * nobody has. null: no such file, or none for this caller.
   */
  open(actor: Actor, wanted: { readonly name: string; readonly owner?: FileOwner }): Promise<OpenFile | null>;
}
