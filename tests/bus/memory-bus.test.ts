/** The bus of a server that is alone: both ends are the same. */
import { createMemoryBus } from '@ackord/server';
import { busSuite } from './bus-suite.ts';

busSuite('the bus in the process', async () => {
  const bus = createMemoryBus();
  return { ends: [bus, bus], close: async () => {} };
});
