// For `node --import`, and for threads: from here on, modules may be TypeScript. Newer versions of Node need no help.
import { register } from 'node:module';

if (!process.features.typescript) {
  process.setSourceMapsEnabled(true);
  register('./hooks.js', import.meta.url);
}
