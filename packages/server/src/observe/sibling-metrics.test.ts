import { expect, test } from 'vitest';
import type { CountedMetrics } from '../siblings/ports.ts';
import { createMetrics } from './metrics.ts';
import { metricsOfAll } from './sibling-metrics.ts';

test('whoever is asked tells the sums over all processes', async () => {
  const offered: (() => Promise<CountedMetrics>)[] = [];
  const siblings = {
    tell: () => true,
    listen: () => {},
    offerMetrics: (count: () => Promise<CountedMetrics>) => void offered.push(count),
    // As they come over the channel between processes.
    allMetrics: async () =>
      JSON.parse(JSON.stringify(await Promise.all(offered.map((count) => count())))) as CountedMetrics[],
  };
  const all = [1, 2].map(() => metricsOfAll(createMetrics({ entityTypes: new Set() }), siblings));
  all[0]?.rateLimited('login');
  all[1]?.rateLimited('login');
  all[1]?.login('ok', 20);
  all[0]?.watchLeader(() => true);
  all[1]?.watchLeader(() => false);
  for (const metrics of all) {
    const { text, contentType } = await metrics.text();
    expect(contentType).toMatch(/^text\/plain/);
    expect(text).toContain('\nackord_rate_limited_total{what="login"} 2\n');
    expect(text).toContain('\nackord_login_duration_seconds_count{outcome="ok"} 1\n');
    expect(text).toContain('\nackord_leader 1\n');
    expect(text).toContain('\nackord_processes 2\n');
    expect(text).toMatch(/\nprocess_resident_memory_bytes \d+\n/);
  }
});
