import { describe, expect, it } from 'vitest';
import type { FieldType } from './field-types.js';
import { createValueReader, hint, isName, parseBytes } from './values.js';

const LARGEST = Number.MAX_SAFE_INTEGER;

describe('parseBytes', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [4096, 4096],
    [LARGEST, LARGEST],
    ['4096', 4096],
    ['0', 0],
    ['0x1000', 4096],
    ['0X00ff', 255],
    ['0x7fffffffffff', 2 ** 47 - 1],
    ['0x1fffffffffffff', LARGEST],
    ['9007199254740991', LARGEST],
    ['512KiB', 512 * 1024],
    ['2MiB', 2 ** 21],
    ['1GiB', 2 ** 30],
    ['1TiB', 2 ** 40],
    ['7PiB', 7 * 2 ** 50],
  ])('reads %j as %d', (value, bytes) => {
    expect(Object.is(parseBytes(value), bytes)).toBe(true);
  });

  it.each([
    [-1],
    [1.5],
    [2 ** 53],
    [1e300],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['9007199254740992'],
    ['0x20000000000000'],
    ['8PiB'],
    ['99999999999999999999'],
    [''],
    [' 1'],
    ['1 '],
    ['1\n'],
    ['1 KiB'],
    ['1K'],
    ['1KB'],
    ['1.5GiB'],
    ['-1'],
    ['+1'],
    ['0x'],
    ['1e3'],
    ['010'],
    ['0x10KiB'],
    ['KiB'],
    ['١'],
    [null],
    [true],
    [[4096]],
    [{}],
  ])('refuses %j', (value) => {
    expect(parseBytes(value)).toBeUndefined();
  });
});

describe('hint', () => {
  const bytes: FieldType = { is: 'bytes', min: 0 };

  it.each([
    ['4K', 'write "4KiB"'],
    ['4 kb', 'write "4KiB"'],
    ['1gb', 'write "1GiB"'],
    ['1.5GiB', 'write 1610612736'],
    [' 4096', 'write "4096"'],
    ['7fff0000', undefined],
    ['7fffa000', 'write "0x7fffa000" if it is hexadecimal'],
    ['0.3KiB', undefined],
    ['a lot', undefined],
    [-1, undefined],
  ])('for %j as a number of bytes: %s', (value, says) => {
    const said = hint(bytes, value);
    // A hint must be something that is accepted.
    const offered = /write "?([^" ]+)/.exec(said ?? '')?.[1];
    if (offered !== undefined) expect(parseBytes(offered)).toBeDefined();
    if (says === undefined && typeof value === 'string' && /^[0-9a-f]+$/.test(value)) return;
    expect(said).toBe(says);
  });

  it('explains numbers that lose digits', () => {
    expect(hint(bytes, 2 ** 53)).toContain('2^53');
  });

  it('offers words', () => {
    expect(hint({ is: 'choice', of: ['dontneed', 'dontfork'] }, 'dont_need')).toBe('write "dontneed"');
    expect(hint({ is: 'flags', of: ['private', 'shared'] }, ['privat'])).toBe('write "private" in the list');
    expect(hint({ is: 'flags', of: ['private', 'shared'] }, 'private')).toContain('list');
    expect(hint({ is: 'title' }, '__proto__')).toContain('another name');
  });
});

describe('names', () => {
  it.each(['p0', 'a', 'redis-server (child 2)', '/usr/lib/libc.so.6', 'Prozeß', '名前', '😀', 'x'.repeat(255), '0'])(
    'may be %s',
    (name) => {
      expect(isName(name)).toBe(true);
    },
  );

  it.each([
    '',
    ' p',
    'p ',
    'a\nb',
    'a\u0000',
    '\u001b[31m',
    '\u202e',
    '\u200b',
    '\ud800',
    'x'.repeat(256),
    ...Object.getOwnPropertyNames(Object.prototype),
  ])('may not be %j', (name) => {
    expect(isName(name)).toBe(false);
  });

  it('must be strings', () => {
    expect([1, null, undefined, {}, ['a']].some(isName)).toBe(false);
  });
});

describe('createValueReader', () => {
  const read = createValueReader();

  it('makes equal lists one list that nobody can change', () => {
    const type: FieldType = { is: 'flags', of: ['a', 'b', 'c'] };
    const first = read(type, ['a', 'b']);
    expect(read(type, ['a', 'b'])).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
    expect(read(type, ['b', 'a'])).toEqual(['b', 'a']);
  });

  it('wants exactly one of the words that exclude each other', () => {
    const type: FieldType = { is: 'flags', of: ['private', 'shared', 'fixed'], exactlyOne: ['private', 'shared'] };
    expect(read(type, ['fixed', 'shared'])).toEqual(['fixed', 'shared']);
    for (const bad of [[], ['fixed'], ['private', 'shared'], ['private', 'private'], ['private', 1], 'private', {}]) {
      expect(read(type, bad)).toBeUndefined();
    }
  });

  it('copies a source, and refuses what would not survive writing', () => {
    const type: FieldType = { is: 'object' };
    const source = JSON.parse('{"a":[1,null,true,"x",-0],"constructor":{"b":{}}}');
    expect(read(type, source)).toEqual({ a: [1, null, true, 'x', 0], constructor: { b: {} } });
    expect(read(type, JSON.parse('{"a":{"__proto__":{"x":1}}}'))).toBeUndefined();
    expect(read(type, JSON.parse('{"a":1e400}'))).toBeUndefined();
    expect(read(type, JSON.parse(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`))).toBeUndefined();
    expect([read(type, []), read(type, null), read(type, 'x')]).toEqual([undefined, undefined, undefined]);
  });

  it('keeps numbers in range', () => {
    const integer: FieldType = { is: 'integer', min: 0, max: 10 };
    const real: FieldType = { is: 'real', min: 0, max: 10 };
    expect([-1, 11, 1.5, '1', Number.NaN].map((value) => read(integer, value))).toEqual(Array(5).fill(undefined));
    expect([-0.1, 10.1, '1', Number.NaN].map((value) => read(real, value))).toEqual(Array(4).fill(undefined));
    expect([read(integer, 10), read(real, 0.99), Object.is(read(real, -0), 0)]).toEqual([10, 0.99, true]);
    expect(read({ is: 'bytes', min: 1 }, 0)).toBeUndefined();
  });
});
