/** The local store behind its routes passes what every store must. */
import { startFileServer } from './file-server.ts';
import { registerFileStoreTests } from './store-conformance.ts';

registerFileStoreTests('local', () => startFileServer());
