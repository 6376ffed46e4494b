/** Charts: what stands in them is text, and bars are as long as their values. */
import { expect, test } from 'vitest';
import { barChart } from './bar-chart.ts';

const bars = (values: readonly (number | null)[]) =>
  values.map((value, at) => ({
    label: `<peer ${at} & co>`,
    value,
    text: `${value}`,
    tone: 'other' as const,
  }));
const widths = (chart: string): number[] =>
  [...chart.matchAll(/class="other"[^>]* width="(\d+)"/g)].map(([, width]) => Number(width));

test('bars of a group share a scale, and each group has its own', () => {
  const [large, small, alone] = widths(
    barChart('Times', [
      { title: 'Many', bars: bars([200, 50]) },
      { title: 'Few', bars: bars([3]) },
    ]),
  );
  expect(Math.abs((small ?? 0) * 4 - (large ?? 0))).toBeLessThanOrEqual(4);
  expect(alone).toBe(large);
});

test('a peer without a value has a line with the reason and no bar', () => {
  const chart = barChart('Times', [{ title: 'Many', bars: bars([200, null]) }]);
  expect(widths(chart)).toHaveLength(1);
  expect(chart).toContain('>null</text>');
});

test('names are escaped', () => {
  const chart = barChart('A & B', [{ title: 'Many', bars: bars([1]) }]);
  expect(chart).not.toContain('<peer');
  expect(chart).toContain('&lt;peer 0 &amp; co&gt;');
});
