import { expect, test } from 'vitest';
import { judge } from './signature-gate.ts';

/** The example of a signed URL in the documentation of S3. */
const signer = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const url =
  '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
  '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
  '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const request = { method: 'GET', url, headers: { host: 'examplebucket.s3.amazonaws.com' } };
const THEN = Date.UTC(2013, 4, 24);

test('the published example is good on its day', () => {
  expect(judge(request, signer, THEN)).toBe('good');
  expect(judge(request, signer, THEN + 86_400_001)).toBe('expired');
});

test.each([
  ['another method', { ...request, method: 'PUT' }],
  ['another path', { ...request, url: url.replace('test', 'best') }],
  ['another end', { ...request, url: url.replace('86400', '86401') }],
  ['another host', { ...request, headers: { host: 'elsewhere' } }],
  ['another signature', { ...request, url: url.replace(/4$/, '5') }],
  ['something more', { ...request, url: `${url}&more=1` }],
])('%s is wrong', (_what, changed) => {
  expect(judge(changed, signer, THEN)).toBe('wrong');
});

test('without a signature there is nothing to judge', () => {
  expect(judge({ ...request, url: '/test.txt' }, signer, THEN)).toBe('unsigned');
});
