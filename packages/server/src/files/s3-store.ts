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
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
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
  const client = clientOf(settings);
  const sign = signerOf(client, settings);
  return {
    uploadUrl: ({ key, contentType, seconds }) =>
      sign('PUT', key, {}, { 'content-type': contentType }, seconds),
    downloadUrl: ({ key, contentType, seconds }) =>
      sign(
        'GET',
        key,
        { 'response-content-type': contentType, 'response-content-disposition': 'attachment' },
        {},
        seconds,
      ),
    stat: (Key) =>
      unlessMissing(async () => {
        const { ContentLength, ContentType } = await client.send(new HeadObjectCommand({ Bucket, Key }));
        return { size: ContentLength ?? 0, contentType: ContentType ?? null };
      }),
    read: (Key) =>
      unlessMissing(async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        // In Node the SDK gives a stream of Node.
        return (Body as Readable | undefined) ?? null;
      }),
    async put(Key, Body, ContentType) {
      const stored = await unlessMissing(async () =>
        client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType })),
      );
      // There is no such bucket.
      if (stored === null) throw new FileStoreUnavailable('The file store has no bucket for this.');
    },
    async remove(Key) {
      await unlessMissing(async () => client.send(new DeleteObjectCommand({ Bucket, Key })));
    },
    // An object appears when all of it is there; what broke off leaves nothing.
    tidy: async () => {},
    async check() {
      await unlessMissing(async () => client.send(new HeadBucketCommand({ Bucket }))).then((found) => {
        if (!found) throw new Error(`The bucket ${Bucket} does not exist.`);
      });
    },
    close() {
      client.destroy();
    },
  };
}

const clientOf = (settings: S3Settings): S3Client =>
  new S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
    // Older servers know no other checksums than their own, and refuse or miss those of today.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: ANSWER_MS_MAX,
      socketTimeout: ANSWER_MS_MAX,
    },
  });

type Texts = Readonly<Record<string, string>>;
type Sign = (
  method: 'GET' | 'PUT',
  key: string,
  query: Texts,
  headers: Texts,
  seconds: number,
) => Promise<string>;

/**
 * The SDK's signer by itself: with a whole command around it, as getSignedUrl has, a thousand URLs take 300 ms instead
 * of 50, and nobody else is served meanwhile. All headers that are given are signed.
 */
function signerOf({ config }: S3Client, { publicEndpoint, bucket }: S3Settings): Sign {
  const presigner = new S3RequestPresigner({ ...config });
  // The host is part of what is signed, so URLs are for the name by which clients reach the store.
  const { protocol, hostname, port, host, pathname } = new URL(publicEndpoint);
  const root = `${pathname.replace(/\/+$/, '')}/${bucket}`;
  return async (method, key, query, headers, expiresIn) => {
    const path = `${root}/${key.split('/').map(escaped).join('/')}`;
    const address = { protocol, hostname, ...(port !== '' && { port: Number(port) }) };
    const request = { method, ...address, path, query: { ...query }, headers: { ...headers, host } };
    const signableHeaders = new Set(Object.keys(headers));
    const signed = await presigner.presign(request, { expiresIn, signableHeaders });
    return `${protocol}//${host}${path}?${new URLSearchParams(signed.query as Record<string, string>)}`;
  };
}

/** As RFC 3986 has it, which is stricter than JavaScript. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

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
