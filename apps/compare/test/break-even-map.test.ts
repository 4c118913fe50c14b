import { hostVm, scale } from '@forklab/timing';
import { describe, expect, test } from 'vitest';
import { breakEvenMap, CHILDREN, type MapOfStrategy, PAGES_PER_TABLE, TABLES } from '../src/break-even-map.js';
import { resolveColumns } from '../src/resolve.js';
import { forklab, scratch } from './support/cli.js';
import { finish } from './support/comparison.js';

const mapOf = async (strategy: string, prices = hostVm): Promise<MapOfStrategy> => {
  const [classic] = await resolveColumns([{ entry: 'classic', dir: '.' }]);
  const [column] = strategy === 'classic' ? [classic] : await resolveColumns([{ entry: strategy, dir: '.' }]);
  return finish(breakEvenMap(column!, classic!, 'tables', { kernel: '6.18', check: false }, prices));
};

/** The share up to which it wins: all for never, nothing for always. */
const wins = ({ share, loses }: MapOfStrategy['cells'][number]): number =>
  loses === 'never' ? 1 : loses === 'always' ? 0 : share!;

describe('the map of break-evens', () => {
  test('covers every combination once; classic loses nowhere to itself', async () => {
    const { cells } = await mapOf('classic');
    expect(cells).toHaveLength(TABLES.length * PAGES_PER_TABLE.length * CHILDREN.length);
    expect(new Set(cells.map(({ loses }) => loses))).toEqual(new Set(['never']));
  });

  test('the more children share a table, the more of it may be written', async () => {
    const { cells } = await mapOf('cow-pte');
    for (const tables of TABLES) {
      for (const pages of PAGES_PER_TABLE) {
        const own = cells.filter((cell) => cell.tables === tables && cell.pagesPerTable === pages).map(wins);
        for (let i = 1; i < own.length; i++) expect(own[i]!).toBeGreaterThanOrEqual(own[i - 1]! - 1 / 32);
      }
    }
    expect(cells.filter(({ children }) => children === 16).every((cell) => wins(cell) > 0.5)).toBe(true);
  });

  test('hangs on the prices: where breaking a table is dear, less may be written', async () => {
    const sum = ({ cells }: MapOfStrategy): number => cells.reduce((total, cell) => total + wins(cell), 0);
    const dear = await mapOf('cow-pte', scale(hostVm, 20, ['tablesBroken']));
    expect(sum(dear)).toBeLessThan(sum(await mapOf('cow-pte')) * 0.9);
  });

  test('the command draws it, and prints it as JSON', async () => {
    const dir = scratch();
    const { status, out } = await forklab(['break-even', '--strategies', 'cow-pte'], dir);
    expect([status, out.match(/MiB/g)?.length]).toEqual([0, TABLES.length * CHILDREN.length]);
    expect(out).toContain('cow-pte: loses to classic');
    const json = await forklab(['break-even', '--strategies', 'cow-pte', '--of', 'pages', '--json'], dir);
    expect(JSON.parse(json.out)).toMatchObject({ forklab: 'break-even', maps: [{ strategy: 'cow-pte', of: 'pages' }] });
    expect((await forklab(['break-even', '--of', 'bytes'], dir)).err).toContain('FL1003');
  });
});
