import { describe, expect, it } from 'vitest';
import { isPlain, nearest, oneOf, osReason, plain, show } from './words.js';

describe('show', () => {
  it('shortens texts and keeps them in quotes', () => {
    expect(show('abc')).toBe('"abc"');
    expect(show('x'.repeat(100_000_000))).toBe(`"${'x'.repeat(60)}"… (100000000 characters)`);
  });

  it('prints nothing that a terminal obeys', () => {
    for (const text of ['\u001b[2J', '\u0085', '\u202egnp', '\u2028', 'a\u0000b', '\ud800']) {
      expect(isPlain(text)).toBe(false);
      expect(isPlain(show(text))).toBe(true);
      expect(isPlain(plain(text))).toBe(true);
    }
    expect(plain('\u202e')).toBe('\\u{202e}');
  });

  it('does not walk what arrived', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(show(deep)).toBe('a list of 1');
    expect(show({ toString: 1, toJSON: 2 })).toBe('an object with 2 fields');
    expect(show({})).toBe('an empty object');
    expect(show([])).toBe('an empty list');
  });

  it('tells other values apart', () => {
    const values = [undefined, null, true, 1.5, -0, Number.NaN, 10n, Symbol('s'), () => 0];
    const shown = ['nothing', 'null', 'true', '1.5', '-0', 'NaN', '10n', 'a symbol', 'a function'];
    expect(values.map(show)).toEqual(shown);
  });
});

describe('nearest', () => {
  const words = ['munmap', 'mmap', 'madvise', 'mprotect', 'mremap'];

  it.each([
    ['mumap', 'munmap'],
    ['munamp', 'munmap'],
    ['MMAP', 'mmap'],
    ['madvice', 'madvise'],
    ['mprotekt', 'mprotect'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, words)).toBe(meant);
  });

  it('offers nothing that is far away', () => {
    expect(nearest('clone', words)).toBeUndefined();
    expect(nearest('', words)).toBeUndefined();
    expect(nearest('mmap', [])).toBeUndefined();
  });

  it('does not take long for long words', () => {
    expect(nearest('m'.repeat(1_000_000), ['m'.repeat(1_000_000), 'm'])).toBeUndefined();
  });
});

it('oneOf makes a phrase of words', () => {
  expect([oneOf([]), oneOf(['a']), oneOf(['a', 'b']), oneOf(['a', 'b', 'c'], 'and')]).toEqual([
    '',
    'a',
    'a or b',
    'a, b and c',
  ]);
});

it('osReason speaks in words and keeps the errno name', () => {
  expect(osReason(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toBe('the disk is full (ENOSPC)');
  expect(osReason(new Error('odd\u001b'))).toBe('odd\\u{1b}');
  expect(osReason('text')).toBe('text');
  expect(osReason(new Error(''))).toBe('no reason was given');
});
