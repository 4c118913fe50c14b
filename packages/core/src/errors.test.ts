import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ErrorArgs, ErrorCode, ErrorEntry } from './errors.js';
import { ERRORS, ForklabError, isForklabError } from './errors.js';
import { isPlain } from './words.js';

const entries = Object.entries(ERRORS) as [ErrorCode, ErrorEntry<unknown>][];

describe.each(entries)('%s', (code, { title, about, example, say }) => {
  it('says what happened and how to fix it', () => {
    const { what, fix } = say(example);
    for (const part of [what, fix]) {
      expect(part.length).toBeGreaterThan(10);
      expect(part).not.toMatch(/undefined|\[object|NaN|\.$|^\s|\s$/);
      expect(isPlain(part)).toBe(true);
    }
    const error = new ForklabError(code, example as ErrorArgs<typeof code>);
    expect(error.message).toBe(`${code}: ${what}. To fix: ${fix}.`);
  });

  it('is documented', () => {
    expect(code).toMatch(/^FL[1-59]\d{3}$/);
    expect(title).toMatch(/^\S.*[^.\s]$/);
    expect(about).toMatch(/\.$/);
  });
});

it('no two codes have one title', () => {
  expect(new Set(entries.map(([, { title }]) => title)).size).toBe(entries.length);
});

it('the arguments of a code are those that its message needs', () => {
  expectTypeOf<ErrorArgs<'FL2001'>>().toEqualTypeOf<{ readonly file: string; readonly reason: string }>();
  // @ts-expect-error A code without all its arguments cannot be raised.
  expect(() => new ForklabError('FL2001', { file: 'a' })).not.toThrow(TypeError);
  // @ts-expect-error Nor can a code that is not in the list.
  expect(() => new ForklabError('FL2999', {})).toThrow(TypeError);
});

it('isForklabError knows an error that another copy of this package made', () => {
  const error = new ForklabError('FL2001', { file: 'a', reason: 'b' }, { cause: 'c' });
  expect(error.cause).toBe('c');
  expect(isForklabError(error)).toBe(true);
  const foreign = Object.assign(new Error('m'), { name: 'ForklabError', code: 'FL2001' });
  expect(isForklabError(foreign)).toBe(true);
  expect(isForklabError(Object.assign(new Error('m'), { name: 'ForklabError', code: 'toString' }))).toBe(false);
  expect(isForklabError(new Error('m'))).toBe(false);
  expect(isForklabError({ name: 'ForklabError', code: 'FL2001' })).toBe(false);
});
