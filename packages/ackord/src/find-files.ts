/** After moving in: which of the files that the records name have been copied into the file store by now? */
import {
  type Config,
  createFileService,
  type Engine,
  type FileTable,
  type MovedRows,
  type Store,
} from '@ackord/server';
import { type Adopted, adoptFiles, travelDomain } from '@ackord/travel';

const PAGE = 1_000;
const TYPES_WITH_FILES = ['MediaItem', 'GPXTrack', 'Trip'] as const;

export async function findFiles(tools: {
  readonly config: Config['files'];
  readonly table: FileTable;
  readonly engine: Engine;
  readonly moved: MovedRows;
  readonly store: Pick<Store, 'cursorKeys'>;
}): Promise<Adopted> {
  const { config, table, engine, moved, store } = tools;
  const onSweepFailure = (): void => {};
  const service = await createFileService({
    config,
    table,
    engine,
    secrets: () => store.cursorKeys,
    onSweepFailure,
  });
  try {
    let [here, missing] = [0, 0];
    for (const entityType of TYPES_WITH_FILES) {
      let after: string | null = null;
      for (;;) {
        const rows = await moved.page(entityType, after, PAGE);
        const records = rows.map(({ actor, id }) => ({ actor, entityType, id }));
        const found = await adoptFiles({ engine, files: service.files, domain: travelDomain.name }, records);
        here += found.here;
        missing += found.missing;
        if (rows.length < PAGE) break;
        after = rows.at(-1)?.id ?? null;
      }
    }
    return { here, missing };
  } finally {
    await service.close();
  }
}

export const filesReport = ({ here, missing }: Adopted): string =>
  `\nFiles: ${here} are here${missing === 0 ? '.' : `, ${missing} are not: copy them, and run the same command again.`}\n`;
