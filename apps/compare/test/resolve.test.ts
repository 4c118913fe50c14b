import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isForklabError } from '@forklab/core';
import { classic } from '@forklab/strategy-classic';
import { describe, expect, test } from 'vitest';
import type { StrategyEntry } from '../src/config-schema.js';
import { resolveColumns } from '../src/resolve.js';
import { forklab, SMALL, scratch } from './support/cli.js';

/** A strategy as a user writes one: copies every table, as classic does, under a name of its own. */
const MINE = `
import type { ForkStrategy, Kernel, StrategyPlugin } from '@forklab/core';
import { PAGE_SIZE } from '@forklab/core';

const hooks = (k: Kernel): ForkStrategy => ({
  copyPteRange: (_fork, pair) => (k.copyPtes(pair, 'fork') === 'oom' ? 'oom' : 'copied'),
  fault: () => 'continue',
  zap: () => 'continue',
  touch: () => 'private',
});

export const strategy = (options?: { readonly pages?: number }): StrategyPlugin => {
  if (options?.pages === 0) throw new Error('no pages, no strategy');
  return {
    api: 1,
    name: 'mine',
    models: { title: 'An idea', where: 'a napkin, ' + PAGE_SIZE },
    traits: { shares: 'nothing', charges: 'owner', shootdown: 'own', hosts: [], keepsPins: true, unmodelled: [] },
    ...(options && { options }),
    setup: hooks,
  };
};
`;

const columns = (dir: string, ...entries: StrategyEntry[]) => resolveColumns(entries.map((entry) => ({ entry, dir })));

const failure = async (run: () => Promise<unknown>) => {
  try {
    await run();
  } catch (error) {
    if (isForklabError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const withModule = (text: string, name = 'mine.ts'): string => {
  const dir = scratch();
  writeFileSync(join(dir, name), text);
  return dir;
};

describe('what a name stands for', () => {
  test('the strategies that come along, and compositions', async () => {
    const found = await columns(scratch(), 'classic', 'cow-pte', 'ondemand-fork', 'mshare', 'mshare+cow-pte', [
      'mshare',
      'ondemand-fork',
    ]);
    expect(found.map(({ label }) => label)).toEqual([
      'classic',
      'cow-pte',
      'ondemand-fork',
      'mshare',
      'mshare+cow-pte',
      'mshare+ondemand-fork',
    ]);
    expect(found[4]!.plugins).toHaveLength(2);
  });

  test('a package by its full name, and one in the node_modules of the configuration', async () => {
    const dir = scratch();
    const home = join(dir, 'node_modules/@forklab/strategy-ours');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"name":"@forklab/strategy-ours","type":"module","exports":"./i.js"}');
    writeFileSync(
      join(home, 'i.js'),
      MINE.replace(/import type.*/, '')
        .replace(/import \{ PAGE.*/, 'const PAGE_SIZE = 4096;')
        .replace(/: (ForkStrategy|Kernel|StrategyPlugin|\{ readonly pages\?: number \})/g, '')
        .replace('(options?)', '(options)')
        .replace("name: 'mine'", "name: 'ours'"),
    );
    const found = await columns(dir, '@forklab/strategy-classic', 'ours');
    expect(found.map(({ name }) => name)).toEqual(['classic', 'ours']);
  });

  test('a path relative to the configuration, and a plugin object', async () => {
    const dir = withModule(MINE);
    const found = await columns(dir, './mine.ts', classic(), ['./mine.ts', { pages: 3 }]);
    expect(found.map(({ label }) => label)).toEqual(['mine', 'classic', 'mine:pages=3']);
    expect(found[2]!.plugins[0]!.options).toEqual({ pages: 3 });
  });
});

describe('what is refused before anything runs', () => {
  test('an unknown name offers the nearest', async () => {
    const error = await failure(() => columns(scratch(), 'cow-ptr'));
    expect([error.code, error.fix]).toEqual(['FL1008', expect.stringContaining('write cow-pte if')]);
    expect((await failure(() => columns(scratch(), './not-there.ts'))).code).toBe('FL1008');
    expect((await failure(() => columns(scratch(), '__proto__'))).code).toBe('FL1008');
  });

  test('the same column twice', async () => {
    expect((await failure(() => columns(scratch(), 'classic', 'classic'))).code).toBe('FL1009');
    expect((await failure(() => columns(scratch(), classic(), classic()))).code).toBe('FL1009');
  });

  test('options for a strategy that has none, and options that it does not know', async () => {
    expect((await failure(() => columns(scratch(), ['classic', { fast: true }]))).code).toBe('FL3005');
    expect((await failure(() => columns(scratch(), ['cow-pte', { variant: 'v99' }]))).code).toBe('FL3005');
    const error = await failure(() => columns(withModule(MINE), ['./mine.ts', { pages: 0 }]));
    expect(error.message).toContain('no pages, no strategy');
  });

  test.each([
    ['export const other = 1;', 'FL3002', 'it exports other'],
    ['export const strategy = () => 7;', 'FL3004', 'the plugin is 7'],
    [MINE.replace('api: 1', 'api: 2'), 'FL3003', 'api 2'],
    [MINE.replace("'nothing'", "'everything'"), 'FL3004', 'traits.shares is "everything"'],
    [MINE.replace("name: 'mine'", "name: 'Mine!'"), 'FL3004', 'name is "Mine!"'],
    [MINE.replace('unmodelled: []', "unmodelled: ['nowhere']"), 'FL3004', 'traits.unmodelled'],
    [MINE.replace('setup: hooks', 'setup: null'), 'FL3004', 'setup is null'],
    ["throw new Error('bad day');", 'FL3001', 'bad day'],
    ['export const strategy = (', 'FL3001', './mine.ts'],
  ])('a module that does not fit: %#', async (text, code, words) => {
    const error = await failure(() => columns(withModule(text), './mine.ts'));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
  });
});

test('two columns of one name and no options are told apart by where they come from', async () => {
  const dir = withModule(MINE.replace("name: 'mine'", "name: 'classic'"));
  const found = await columns(dir, 'classic', './mine.ts');
  expect(found.map(({ label }) => label)).toEqual(['classic', 'classic (./mine.ts)']);
});

test('a strategy of your own, in a folder outside the repository, is a further column', async () => {
  const dir = withModule(MINE);
  writeFileSync(join(dir, 'forklab.config.ts'), "export default { strategies: ['classic', 'cow-pte', './mine.ts'] };");
  writeFileSync(join(dir, 'small.jsonl'), SMALL);
  mkdirSync(join(dir, 'below'));
  const { status, out, err } = await forklab(
    ['compare', '../small.jsonl', '--no-report', '--json', '-'],
    join(dir, 'below'),
  );
  expect([status, err]).toEqual([0, '']);
  const { strategies } = JSON.parse(out).inputs[0];
  expect(strategies.map((s: { name: string }) => s.name)).toEqual(['classic', 'cow-pte', 'mine']);
  expect(strategies[2].rows).toEqual(strategies[0].rows);
  expect(strategies[2].models).toEqual([{ title: 'An idea', where: 'a napkin, 4096' }]);
});
