import { describe, expect, test } from 'vitest';
import { readOptions } from './options.ts';

describe('the command line', () => {
  test.each([
    [[], { kind: 'play', gpx: null, url: null }],
    [['--gpx', 'tracks'], { kind: 'play', gpx: 'tracks', url: null }],
    [['--gpx=tracks'], { kind: 'play', gpx: 'tracks', url: null }],
    [
      ['--url', 'http://127.0.0.1:4000/graphql'],
      { kind: 'play', gpx: null, url: 'http://127.0.0.1:4000/graphql' },
    ],
    [['--url', 'http://127.0.0.1:4000'], { kind: 'play', gpx: null, url: 'http://127.0.0.1:4000/graphql' }],
    [['--help'], { kind: 'help' }],
    [['-h', '--gpx', 'x'], { kind: 'help' }],
  ])('%j', (args, options) => {
    expect(readOptions(args)).toEqual(options);
  });

  test.each([
    [['--gpx']],
    [['--gpx', '']],
    [['--fast']],
    [['tracks']],
    [['--url', 'nowhere']],
    [['--url', 'file:///etc/passwd']],
  ])('%j is wrong, and one line says why', (args) => {
    const options = readOptions(args);
    expect(options.kind).toBe('problem');
    if (options.kind === 'problem') expect(options.text).toMatch(/^[^\n]+\.$/);
  });
});
