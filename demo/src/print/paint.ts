/** Colours for terminals; on anything else the text stays as it is. */
export type Tone = 'good' | 'odd' | 'bad' | 'quiet' | 'strong' | 'anna' | 'ben' | 'clara';

export type Paint = (tone: Tone, text: string) => string;

const CODES: Record<Tone, string> = {
  good: '32',
  odd: '33',
  bad: '31',
  quiet: '2',
  strong: '1',
  anna: '36',
  ben: '35',
  clara: '34',
};

export const painter = (colors: boolean): Paint =>
  colors ? (tone, text) => text && `\u001b[${CODES[tone]}m${text}\u001b[0m` : (_tone, text) => text;
