#!/usr/bin/env -S node --max-semi-space-size=16 --initial-old-space-size=96
// A nursery of the usual size whatever the machine has, and the first collection at 96 MB, not at several hundred.
import { importBundled } from '@ackord/run-typescript/import-bundled';

await importBundled(new URL('../src/main.ts', import.meta.url).href);
