/** Is this a strategy? Asked of everything that a user's module hands over, before anything runs with it. */
import { ForklabError, type StrategyPlugin, TOUCH_SITES } from '@forklab/core';

interface Check {
  readonly field: string;
  readonly expected: string;
  readonly ok: (value: unknown) => boolean;
}

const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
const listOf =
  (words: readonly string[]) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every((item) => words.includes(item));
const oneOf = (...words: readonly string[]): Pick<Check, 'expected' | 'ok'> => ({
  expected: words.map((word) => `"${word}"`).join(' or '),
  ok: (value) => words.some((word) => word === value),
});

const CHECKS: readonly Check[] = [
  {
    field: 'name',
    expected: 'lower case letters, digits and -, a letter first',
    ok: (value) => typeof value === 'string' && /^[a-z][a-z0-9-]{0,40}$/.test(value),
  },
  { field: 'models.title', expected: 'a text', ok: text },
  { field: 'models.where', expected: 'a text', ok: text },
  { field: 'traits.shares', ...oneOf('nothing', 'pte-tables') },
  { field: 'traits.charges', ...oneOf('owner', 'host', 'everyone') },
  { field: 'traits.shootdown', ...oneOf('own', 'sharers') },
  { field: 'traits.hosts', expected: 'a list of "file", possibly empty', ok: listOf(['file']) },
  { field: 'traits.keepsPins', expected: 'true or false', ok: (value) => typeof value === 'boolean' },
  {
    field: 'traits.unmodelled',
    expected: `a list, possibly empty, of ${Object.keys(TOUCH_SITES).join(', ')}`,
    ok: listOf(Object.keys(TOUCH_SITES)),
  },
  { field: 'setup', expected: 'a function (kernel) => ForkStrategy', ok: (value) => typeof value === 'function' },
];

const at = (root: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      root,
    );

/** Answers the value as a plugin. Throws FL3003 (another version of the border) or FL3004 (not the shape of one). */
export const checkPlugin = (from: string, value: unknown): StrategyPlugin => {
  if (typeof value !== 'object' || value === null) {
    throw new ForklabError('FL3004', { from, field: 'the plugin', arrived: value, expected: 'an object' });
  }
  if (at(value, 'api') !== 1) throw new ForklabError('FL3003', { from, arrived: at(value, 'api') });
  for (const { field, expected, ok } of CHECKS) {
    const arrived = at(value, field);
    if (!ok(arrived)) throw new ForklabError('FL3004', { from, field, arrived, expected });
  }
  return value as StrategyPlugin;
};
