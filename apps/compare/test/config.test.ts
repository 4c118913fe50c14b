import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isForklabError } from '@forklab/core';
import { describe, expect, test } from 'vitest';
import { findConfig, loadConfig } from '../src/config.js';
import { checkConfig, configSchema } from '../src/config-schema.js';
import { APP, scratch } from './support/cli.js';

const failure = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    if (isForklabError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const withConfig = (text: string, name = 'forklab.config.ts'): string => {
  const dir = scratch();
  writeFileSync(join(dir, name), text);
  return dir;
};

describe('finding and loading', () => {
  test('the nearest one upward is taken; without one everything has its default', async () => {
    const dir = withConfig('export default { seeds: [7] };');
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    expect(findConfig(join(dir, 'a/b'))).toBe(join(dir, 'forklab.config.ts'));
    const loaded = await loadConfig(join(dir, 'a/b'));
    expect(loaded).toEqual({ config: { seeds: [7] }, file: join(dir, 'forklab.config.ts'), dir });
    expect(await loadConfig(scratch())).toMatchObject({ config: {}, file: null });
  });

  test.each([
    ['forklab.config.ts', 'const n: number = 3; export default { seeds: [n] };'],
    ['forklab.config.mjs', 'export default { seeds: [3] };'],
    ['forklab.config.cjs', 'module.exports = { seeds: [3] };'],
    ['forklab.config.json', '{ "seeds": [3] }'],
  ])('%s is read', async (name, text) => {
    expect((await loadConfig(withConfig(text, name))).config).toEqual({ seeds: [3] });
  });

  test('a plugin object arrives as it is, not as a merged copy', async () => {
    const dir = withConfig(
      `class Mine { api = 1; name = 'mine'; setup() { return this; } }
       export const mine = new Mine();
       export default { strategies: [mine] };`,
    );
    const { config } = await loadConfig(dir);
    const plugin = config.strategies![0] as unknown as { setup(): unknown };
    expect(plugin.setup()).toBe(plugin);
    expect(Object.getPrototypeOf(plugin).constructor.name).toBe('Mine');
  });

  test('one that is not there', async () => {
    expect((await failure(() => loadConfig(scratch(), 'no.config.ts'))).code).toBe('FL1005');
  });

  test.each([
    ["throw new Error('out of cheese');", /out of cheese \(at forklab\.config\.ts:1:/],
    ["throw 'a string';", /a string/],
    ['export default {', /Unexpected token/],
    ["import './not-there.js'; export default {};", /not-there/],
  ])('one that throws: %s', async (text, words) => {
    const error = await failure(() => loadConfig(withConfig(text)));
    expect(error.code).toBe('FL1006');
    expect(error.message).toMatch(words);
  });

  test('a folder of that name, and one without a default export', async () => {
    const dir = scratch();
    mkdirSync(join(dir, 'forklab.config.ts'));
    expect(['FL1006', 'FL1007']).toContain((await failure(() => loadConfig(dir))).code);
    expect((await failure(() => loadConfig(withConfig('export default null;')))).code).toMatch(/FL100[67]/);
  });
});

describe('checking', () => {
  test.each([
    [{ strategies: [] }, 'strategies', 'a list of at least 1'],
    [{ strategies: ['classic', 7] }, 'strategies[1]', 'a name, a package'],
    [{ strategies: [() => ({})] }, 'strategies[0]', 'call the factory'],
    [{ seeds: [-1] }, 'seeds[0]', 'at least 0'],
    [{ seeds: [1.5] }, 'seeds[0]', 'a whole number'],
    [{ machine: { kernel: '5.4' } }, 'machine.kernel', '"6.18" or "6.1"'],
    [{ machine: { memory: 'lots' } }, 'machine.memory', 'a number of bytes'],
    [{ report: true }, 'report', 'false, or an object'],
    [{ workloads: 'a.jsonl' }, 'workloads', 'a list'],
    [[], 'the default export', 'an object'],
  ])('%j: says field and what was expected', async (config, field, expected) => {
    const error = await failure(() => checkConfig('forklab.config.ts', config));
    expect(error.code).toBe('FL1007');
    expect(error.message).toContain(`${field} is`);
    expect(error.message).toContain(expected);
  });

  test.each([
    [{ stategies: [] }, 'write strategies'],
    [{ inputs: ['a'] }, 'write workloads'],
    [{ machine: { kernal: '6.1' } }, 'write kernel'],
    [JSON.parse('{"__proto__": 1}'), 'leave __proto__ out'],
  ])('an unknown field %j: offers what was meant', async (config, hint) => {
    expect((await failure(() => checkConfig('c.ts', config))).message).toContain(hint);
  });
});

test('the reference example spells out every field, and loads', async () => {
  const { config } = await loadConfig(APP, 'forklab.config.ts');
  expect(Object.keys(config).sort()).toEqual(Object.keys(configSchema.shape).sort());
  expect(Object.keys(config.machine!).sort()).toEqual(['check', 'kernel', 'memory', 'tableReclaim']);
});
