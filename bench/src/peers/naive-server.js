// Without the thread that loading TypeScript would keep: its memory is compared.
import { importBundled } from '@ackord/run-typescript/import-bundled';

await importBundled(new URL('./naive-server.ts', import.meta.url).href);
