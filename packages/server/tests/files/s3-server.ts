/** A real S3-compatible server on a free port. It checks no signatures of today's kind, so a gate before it does. */
import { createRequire } from 'node:module';
import { makeTempFolder } from '../../../../tests/support/temp-folder.ts';
import type { S3Settings } from '../../src/files/s3-store.ts';
import { type Gate, startGate } from './signature-gate.ts';

// It has no types.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: {
  readonly address: string;
  readonly port: number;
  readonly silent: boolean;
  readonly directory: string;
  readonly configureBuckets: readonly { readonly name: string }[];
}) => { run(): Promise<{ readonly port: number }>; close(): Promise<void> };

/** The one account that it knows. */
const SIGNER = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export interface S3Server {
  readonly settings: S3Settings;
  readonly gate: Gate;
  close(): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  const folder = await makeTempFolder('ackord-s3');
  const bucket = 'journal';
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: folder.path,
    configureBuckets: [{ name: bucket }],
  });
  const { port } = await server.run();
  const gate = await startGate(port, SIGNER);
  const endpoint = `http://127.0.0.1:${gate.port}`;
  return {
    settings: { endpoint, publicEndpoint: endpoint, bucket, region: 'us-east-1', ...SIGNER },
    gate,
    close: async () => {
      await gate.close();
      await server.close();
      await folder.remove();
    },
  };
}
