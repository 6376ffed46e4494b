/** The words of the story: what people file under, and what they write about a day. */
export interface TagWords {
  readonly category: string;
  readonly color: string;
  readonly tags: readonly string[];
}

export const TAG_WORDS: readonly TagWords[] = [
  { category: 'Weather', color: 'blue', tags: ['sun', 'rain', 'fog', 'wind', 'thunder'] },
  { category: 'Landscape', color: 'green', tags: ['lake', 'pass', 'river', 'forest', 'vineyard', 'coast'] },
  { category: 'Food', color: 'orange', tags: ['coffee', 'bakery', 'picnic', 'gelato', 'market'] },
  { category: 'Bicycle', color: 'red', tags: ['climb', 'descent', 'flat tyre', 'ferry', 'train'] },
  { category: 'Sights', color: 'purple', tags: ['church', 'castle', 'bridge', 'old town', 'museum'] },
  { category: 'Mood', color: 'yellow', tags: ['tired', 'happy', 'lost', 'swim'] },
];

/** What happens at a place. `#` stands for its name. */
export const MOMENTS: readonly [string, ...string[]] = [
  'Coffee in #',
  'The square of #',
  'Rain over #',
  'Bread and cheese in #',
  'A bench above #',
  'Lost in #',
  'The bells of #',
  'Shade behind #',
  'A fountain in #',
  'Market day in #',
  'Through # without a stop',
  'The long climb after #',
  'A flat tyre near #',
  'Gelato in #',
  'The bridge of #',
  'Looking back at #',
];

export const SENTENCES: readonly [string, ...string[]] = [
  'The wind was against us all morning.',
  'A dog followed us to the last house.',
  'Somebody filled our bottles without a word.',
  'We should have turned left at the mill.',
  'The best apricots of the whole journey.',
  'Nobody there, only the clock and the swallows.',
  'The road was closed, so we carried the bicycles.',
  'An old man explained the way, twice.',
  'From here one can see the snow.',
  'We stayed much longer than we meant to.',
];

export const WEATHERS: readonly [string, ...string[]] = ['sunny', 'cloudy', 'rain', 'fog', 'windy'];
