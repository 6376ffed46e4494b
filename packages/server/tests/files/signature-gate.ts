/**
 * Verifies signatures of AWS (version 4, in the URL or in the header Authorization) in front of a store that does not:
 * what is signed rightly goes on to it, everything else is answered 403, as S3 does. Written from the published rules,
 * without the SDK, so that the two check each other (signature-gate.test.ts has the example that AWS gives).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they stand in the request. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Judgement = 'good' | 'expired' | 'wrong' | 'unsigned';

const SKEW_MS_MAX = 15 * 60_000;

export function judge(
  request: SignedRequest,
  { accessKeyId, secretAccessKey }: Signer,
  now: number,
): Judgement {
  const [path = '', search = ''] = request.url.split('?', 2);
  const query = new URLSearchParams(search);
  const claim = query.has('X-Amz-Signature') ? claimInUrl(query) : claimInHeader(request.headers);
  if (!claim) return 'unsigned';
  const { credential, date, signedHeaders, signature, payload, secondsMax } = claim;
  const [id, ...scope] = credential.split('/');
  const names = signedHeaders.split(';');
  if (id !== accessKeyId || scope[3] !== 'aws4_request' || !names.includes('host')) return 'wrong';
  const headerOf = (name: string): string =>
    String(request.headers[name] ?? '')
      .trim()
      .replace(/ +/g, ' ');
  query.delete('X-Amz-Signature');
  const canonical = [
    request.method,
    path,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${headerOf(name)}`),
    '',
    signedHeaders,
    payload,
  ].join('\n');
  const [day = '', region = '', service = ''] = scope;
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const expected = createHmac('sha256', key).update(text).digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'wrong';
  const age = now - timeOf(date);
  const limit = secondsMax === null ? SKEW_MS_MAX : secondsMax * 1000;
  return age > limit || age < -SKEW_MS_MAX ? 'expired' : 'good';
}

interface Claim {
  readonly credential: string;
  readonly date: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly payload: string;
  readonly secondsMax: number | null;
}

function claimInUrl(query: URLSearchParams): Claim | null {
  const get = (name: string): string => query.get(`X-Amz-${name}`) ?? '';
  const seconds = Number(get('Expires'));
  if (get('Algorithm') !== 'AWS4-HMAC-SHA256' || !(seconds > 0 && seconds <= 604_800)) return null;
  return {
    credential: get('Credential'),
    date: get('Date'),
    signedHeaders: get('SignedHeaders'),
    signature: get('Signature'),
    payload: get('Content-Sha256') || 'UNSIGNED-PAYLOAD',
    secondsMax: seconds,
  };
}

function claimInHeader(headers: SignedRequest['headers']): Claim | null {
  const [, credential = '', signedHeaders = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(
      String(headers.authorization ?? ''),
    ) ?? [];
  if (signature === '') return null;
  const date = String(headers['x-amz-date'] ?? '');
  const payload = String(headers['x-amz-content-sha256'] ?? '');
  return { credential, date, signedHeaders, signature, payload, secondsMax: null };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');

const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

export interface Gate {
  readonly port: number;
  /** What was let through, and what was not: `PUT good`. */
  readonly judged: readonly string[];
  close(): Promise<void>;
}

/** `storePort`: on this machine. */
export async function startGate(storePort: number, signer: Signer): Promise<Gate> {
  const judged: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const judgement = judge({ method, url, headers }, signer, Date.now());
    judged.push(`${method} ${judgement}`);
    if (judgement === 'good')
      return passOn(request, storePort).then(
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
        () => response.destroy(),
      );
    request.resume();
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end(
      `<Error><Code>${judgement === 'expired' ? 'AccessDenied' : 'SignatureDoesNotMatch'}</Code></Error>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    judged,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const passOn = (request: IncomingMessage, port: number): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, url, headers } = request;
    const on = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, resolve);
    on.on('error', reject);
    request.on('error', reject);
    request.pipe(on);
  });
