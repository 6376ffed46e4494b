/**
 * URLs of the files of records, for one request: gathered into one lookup, however many records an answer has, and
 * forgotten with the request, since they run out.
 */
import type { RecordState } from '@ackord/core';
import DataLoader from 'dataloader';
import type { Files, WantedUrl } from '../../files/ports.ts';
import type { Soon } from './resolver.ts';

/** A URL that holds for so many seconds; null where the record has no such file. */
export type FileUrl = (record: RecordState, field: string, seconds: number) => Soon<string | null>;

/** `base`: how the caller reaches this server. */
export function createFileUrls(files: Pick<Files, 'urlsOf'>, base: string): FileUrl {
  const urls = new DataLoader<WantedUrl, string | null, string>(
    async (wanted) => (await files.urlsOf(base, wanted)).map((found) => found?.url ?? null),
    {
      cacheKeyFn: ({ record, field, seconds }) =>
        `${record.type} ${record.id} ${record.version} ${field} ${seconds}`,
    },
  );
  return (record, field, seconds) =>
    typeof record.fields[field] === 'string' ? urls.load({ record, field, seconds }) : null;
}
