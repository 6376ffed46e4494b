/**
 * Bars as SVG, without a library: groups of bars, each group on a scale of its own. Colours follow what the reader
 * prefers, light or dark; the ground is painted too, so it is legible on whatever page it stands.
 */
export interface Bar {
  readonly label: string;
  /** null: nothing to draw; the text says why. */
  readonly value: number | null;
  readonly text: string;
  readonly tone: 'ours' | 'other' | 'memory';
}

export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 800;
const LABEL = 226;
const BAR_MAX = 330;
const ROW = 24;
const TITLE = 34;
const TOP = 34;
const TEXT_CHARS_MAX = 80;

const STYLE = `
  .paper { fill: #ffffff; }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .head { font-size: 15px; font-weight: 600; }
  .size { font-weight: 600; }
  .quiet { fill: #59636e; }
  .ours { fill: #0969da; }
  .other { fill: #9aa4af; }
  .memory { fill: none; stroke: #9aa4af; stroke-width: 1.5; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; }
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .ours { fill: #4493f8; }
    .other { fill: #6e7681; }
    .memory { stroke: #8b949e; }
  }`;

export function barChart(title: string, groups: readonly Group[]): string {
  const parts: string[] = [];
  let y = TOP;
  for (const group of groups) {
    parts.push(textAt(16, y + 20, group.title, 'size'));
    y += TITLE;
    const largest = Math.max(0, ...group.bars.map(({ value }) => value ?? 0));
    for (const bar of group.bars) {
      parts.push(row(bar, y, largest));
      y += ROW;
    }
  }
  const height = y + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>`,
    textAt(16, 22, title, 'head'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function row({ label, value, text, tone }: Bar, y: number, largest: number): string {
  const middle = y + 15;
  const name = textAt(LABEL, middle, label, '', 'end');
  if (value === null) return `${name}\n${textAt(LABEL + 12, middle, shortened(text), 'quiet')}`;
  const width = Math.max(2, Math.round((value / (largest || 1)) * BAR_MAX));
  const bar = `<rect class="${tone}" x="${LABEL + 12}" y="${y + 3}" width="${width}" height="${ROW - 8}" rx="2"/>`;
  return `${name}\n${bar}\n${textAt(LABEL + 20 + width, middle, text, '')}`;
}

function textAt(x: number, y: number, text: string, className: string, anchor = 'start'): string {
  const attributes = [
    `x="${x}"`,
    `y="${y}"`,
    ...(className === '' ? [] : [`class="${className}"`]),
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
  ];
  return `<text ${attributes.join(' ')}>${escaped(text)}</text>`;
}

const shortened = (text: string): string =>
  text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX - 1)}…` : text;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
