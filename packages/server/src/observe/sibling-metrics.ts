/** `GET /metrics` of a server of several processes: whichever is asked answers for all of them. */
import { AggregatorRegistry, Gauge } from 'prom-client';
import type { CountedMetrics, Siblings } from '../siblings/ports.ts';
import type { Metrics } from './metrics.ts';

/** The same metrics, whose text is that of all processes together: sums, and means where a sum says nothing. */
export function metricsOfAll(own: Metrics, siblings: Siblings): Metrics {
  const count = async (): Promise<CountedMetrics> => (await own.registry.getMetricsAsJSON()) as object[];
  new Gauge({
    name: 'ackord_processes',
    help: 'Processes of this server that listen, and have answered for these metrics.',
    registers: [own.registry],
  }).set(1);
  siblings.offerMetrics(count);
  return {
    ...own,
    async text() {
      const all = await siblings.allMetrics();
      const registry = AggregatorRegistry.aggregate(all.map((metrics) => [...metrics]));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
