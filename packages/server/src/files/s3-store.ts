/**
 * Files in a bucket of S3, or of whatever speaks its language. Clients upload to it and download from it directly, by
 * URLs that the SDK signs here; the bytes never pass through this server, but for the one look at completion.
 * Path style, since few of the compatible servers know another.
 */
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type FileStore, FileStoreUnavailable } from './ports.ts';

export interface S3Settings {
  readonly endpoint: string;
  /** How clients reach it. */
  readonly publicEndpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Store extends FileStore {
  /** Rejects when the bucket is not to be had. */
  check(): Promise<void>;
  close(): void;
}

const CONNECT_MS_MAX = 5_000;
const ANSWER_MS_MAX = 30_000;

export function openS3Store(settings: S3Settings): S3Store {
  const { bucket: Bucket } = settings;
  const inner = clientOf(settings, settings.endpoint);
  // The host is part of what is signed, so what clients get is signed for the name by which they reach it.
  const outer = clientOf(settings, settings.publicEndpoint);
  return {
    uploadUrl: ({ key: Key, contentType: ContentType, seconds: expiresIn }) =>
      getSignedUrl(outer, new PutObjectCommand({ Bucket, Key, ContentType }), {
        expiresIn,
        signableHeaders: new Set(['content-type']),
      }),
    downloadUrl: ({ key: Key, contentType, seconds: expiresIn }) =>
      getSignedUrl(
        outer,
        new GetObjectCommand({
          Bucket,
          Key,
          ResponseContentType: contentType,
          ResponseContentDisposition: 'attachment',
        }),
        { expiresIn },
      ),
    stat: (Key) =>
      unlessMissing(async () => {
        const { ContentLength, ContentType } = await inner.send(new HeadObjectCommand({ Bucket, Key }));
        return { size: ContentLength ?? 0, contentType: ContentType ?? null };
      }),
    read: (Key) =>
      unlessMissing(async () => {
        const { Body } = await inner.send(new GetObjectCommand({ Bucket, Key }));
        // In Node the SDK gives a stream of Node.
        return (Body as Readable | undefined) ?? null;
      }),
    async remove(Key) {
      await unlessMissing(async () => inner.send(new DeleteObjectCommand({ Bucket, Key })));
    },
    // An object appears when all of it is there; what broke off leaves nothing.
    tidy: async () => {},
    async check() {
      await unlessMissing(async () => inner.send(new HeadBucketCommand({ Bucket }))).then((found) => {
        if (!found) throw new Error(`The bucket ${Bucket} does not exist.`);
      });
    },
    close() {
      inner.destroy();
      outer.destroy();
    },
  };
}

const clientOf = (settings: S3Settings, endpoint: string): S3Client =>
  new S3Client({
    endpoint,
    region: settings.region,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    // Otherwise the URL would ask clients for a checksum header that they don't know of, and older servers refuse it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: ANSWER_MS_MAX,
      socketTimeout: ANSWER_MS_MAX,
    },
  });

/** null for what is not there. That the store is away, or won't have us, is one thing to a caller: not now. */
async function unlessMissing<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return null;
    throw new FileStoreUnavailable(`The file store does not answer as it should: ${nameOf(error)}`);
  }
}

/** Its name alone: messages of the SDK hold hosts and keys. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
