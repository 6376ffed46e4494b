import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeText } from './merge-text.ts';

describe('mergeText', () => {
  it.each([
    ['different words', 'the old red boat', 'the new red boat', 'the old red ship', 'the new red ship'],
    [
      'an end added by one side',
      'one two three',
      'ONE two three',
      'one two three four',
      'ONE two three four',
    ],
    [
      'a word taken out',
      'one two three four five',
      'one three four five',
      'one two three four FIVE',
      'one three four FIVE',
    ],
    ['the same edit on both sides', 'one two three', 'one TWO three', 'one TWO three', 'one TWO three'],
    [
      'the same edit and another',
      'one two three',
      'one TWO three',
      'one TWO three four',
      'one TWO three four',
    ],
    ['lines', 'a\n\nb\n\nc', 'A\n\nb\n\nc', 'a\n\nb\n\nC', 'A\n\nb\n\nC'],
    ['no base text: only one side wrote', '', '', 'written', 'written'],
    ['other scripts, neighbouring words', 'где мы были', 'где они были', 'где мы жили', 'где они жили'],
    ['one word, two edits', 'boat', 'ship', 'raft', undefined],
    ['edits that touch', 'one two three', 'one TWO- three', 'one two\nthree', undefined],
    ['two ends at one place', 'one', 'one two', 'one three', undefined],
    ['an edit within what the other took out', 'a b c d e', 'a e', 'a b C d e', undefined],
  ])('%s', (_name, base, server, client, expected) => {
    expect(mergeText(base, server, client)).toBe(expected);
  });

  it('gives up on texts that would take too long', () => {
    const long = Array.from({ length: 2_001 }, (_, index) => `word${index}`).join(' ');
    expect(mergeText(long, `${long} x`, `y ${long}`)).toBeUndefined();
  });

  const word = fc.constantFrom('a', 'b', 'c', 'dd', 'ée', '海', '😀', '-');
  const gap = fc.constantFrom(' ', '\n', '  ', '\t');
  const text = fc
    .array(fc.tuple(word, gap), { maxLength: 12 })
    .map((parts) => parts.map((part) => part.join('')).join(''));

  it('a side that did nothing changes nothing', () => {
    fc.assert(
      fc.property(text, text, (base, side) => {
        expect(mergeText(base, side, base)).toBe(side);
        expect(mergeText(base, base, side)).toBe(side);
        expect(mergeText(base, side, side)).toBe(side);
      }),
    );
  });

  it('comes to the same text whichever side was first', () => {
    fc.assert(
      fc.property(text, text, text, (base, server, client) => {
        expect(mergeText(base, client, server)).toBe(mergeText(base, server, client));
      }),
    );
  });

  it('loses no word when each side edits a word of its own', () => {
    const edits = fc
      .uniqueArray(fc.integer({ min: 0, max: 19 }), { minLength: 2, maxLength: 8 })
      .filter((places) => {
        const sorted = [...places].sort((a, b) => a - b);
        return sorted.every((place, at) => at === 0 || place - (sorted[at - 1] ?? 0) > 1);
      });
    fc.assert(
      fc.property(edits, fc.boolean(), (places, first) => {
        const base = Array.from({ length: 20 }, (_, index) => `word${index}`);
        const server = [...base];
        const client = [...base];
        const both = [...base];
        places.forEach((place, at) => {
          const side = (at % 2 === 0) === first ? server : client;
          side[place] = both[place] = `new${place}`;
        });
        expect(mergeText(base.join(' '), server.join(' '), client.join(' '))).toBe(both.join(' '));
      }),
    );
  });

  it('every word of the result comes from one of the three texts', () => {
    fc.assert(
      fc.property(text, text, text, (base, server, client) => {
        const merged = mergeText(base, server, client);
        const known = new Set(`${base} ${server} ${client}`.split(/\s+/));
        for (const one of (merged ?? '').split(/\s+/)) expect(known.has(one) || one === '').toBe(true);
      }),
    );
  });
});
