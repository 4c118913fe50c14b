import { describe, expect, it } from 'vitest';
import { importMutated, type Mutation } from '../src/mutate.js';

type Core = typeof import('@forklab/core');

const ENTRY = "export * from '@forklab/core';";
const PLANT: Mutation = {
  file: 'core/src/geometry.ts',
  find: 'export const PAGE_SIZE = 4096',
  replace: 'export const PAGE_SIZE = 8192',
};

const load = (...mutations: Mutation[]) => importMutated<Core>(ENTRY, import.meta.dirname, mutations);

describe('importMutated', () => {
  it('gives a module with the bug, and one without', async () => {
    expect((await load(PLANT)).PAGE_SIZE).toBe(8192);
    expect((await load()).PAGE_SIZE).toBe(4096);
  });

  it('puts the text there as it is', async () => {
    const replace = "export const PAGE_SIZE = 4096 + '$&$1'.length";
    expect((await load({ ...PLANT, replace })).PAGE_SIZE).toBe(4100);
  });

  it('refuses a bug that fits nowhere, or in several places', async () => {
    await expect(load({ ...PLANT, find: 'PAGE_SIZE' })).rejects.toThrow(/times, and it must be once/);
    await expect(load({ ...PLANT, find: 'no such text' })).rejects.toThrow(/0 times/);
    await expect(load({ ...PLANT, file: 'core/src/nowhere.ts' })).rejects.toThrow(/no file/);
  });
});
