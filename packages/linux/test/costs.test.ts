import { afterAll, describe, expect, it } from 'vitest';
import { type Costs, openCosts } from '../src/index.js';

const here = process.platform === 'linux' && process.arch === 'x64';

describe.skipIf(!here)('the program that measures costs (needs Linux on x86-64)', async () => {
  const costs: Costs = here ? await openCosts() : (undefined as never);
  afterAll(() => costs.close());
  const few = { tables: 2, pages: 4, spread: true };

  it('answers every question with two times', async () => {
    for (const pair of [
      await costs.fork(few, 3),
      await costs.touch(few),
      await costs.cow(few),
      await costs.protect(few),
      await costs.shoot(1),
    ]) {
      expect(pair[0]).toBeGreaterThan(0);
      expect(pair[1]).toBeGreaterThanOrEqual(0);
    }
  });

  it('a fork of much memory takes longer than one of little: medians of five, a factor of a hundred in between', async () => {
    const median = async (tables: number): Promise<number> => {
      const seen: number[] = [];
      for (let i = 0; i < 5; i++) seen.push((await costs.fork({ tables, pages: 512, spread: false }, 0))[0]);
      return seen.sort((a, b) => a - b)[2]!;
    };
    expect(await median(100)).toBeGreaterThan(await median(1));
  });
});
