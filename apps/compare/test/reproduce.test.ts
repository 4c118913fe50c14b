import { describe, expect, test } from 'vitest';
import { counted, outcomeOf, type Row } from '../src/reproduce/experiment.js';
import { EXPERIMENTS } from '../src/reproduce/experiments.js';
import { forklab, scratch } from './support/cli.js';

const row = (more: Partial<Row>): Row => ({
  what: 'x',
  unit: 'ms',
  expect: 'time',
  published: 1,
  ours: 2,
  low: 1.5,
  high: 3,
  ...more,
});

describe('how a row comes out', () => {
  test('counts: exact ones must be the same, others close', () => {
    expect(outcomeOf(counted('x', 'kB', 512, 512))).toBe('same');
    expect(outcomeOf(counted('x', 'kB', 512, 513))).toBe('wrong');
    expect(outcomeOf(counted('x', 'kB', 2076, 2056, { expect: 'count', within: 60 }))).toBe('within');
    expect(outcomeOf(counted('x', 'kB', 2076, 1024, { expect: 'count', within: 60 }))).toBe('wrong');
  });

  test('times: within the range of the prices, or outside and said so', () => {
    expect(outcomeOf(row({ published: 1.6 }))).toBe('within');
    expect(outcomeOf(row({ published: 1.4 }))).toBe('outside');
  });

  test('ratios: turned round is wrong; so is an effect where there was none', () => {
    const ratio = (published: number, ours: number) =>
      outcomeOf(row({ expect: 'ratio', published, ours, low: 0.9 * ours, high: 1.1 * ours }));
    expect(ratio(0.5, 0.52)).toBe('within');
    expect(ratio(0.5, 0.8)).toBe('outside');
    expect(ratio(0.5, 1.3)).toBe('wrong');
    expect(ratio(0.98, 1.02)).toBe('within');
    expect(ratio(1, 0.7)).toBe('wrong');
    expect(outcomeOf(row({ expect: 'direction', published: 0.3, ours: 0.01 }))).toBe('same direction');
    expect(outcomeOf(row({ expect: 'direction', published: 1.02, ours: 3 }))).toBe('wrong');
  });
});

describe('forklab reproduce', () => {
  test('every table: no exact count wrong, no direction wrong, and what is outside says why', async () => {
    const { status, out } = await forklab(['reproduce', '--json'], scratch());
    const { experiments, notReproduced } = JSON.parse(out);
    expect(status).toBe(0);
    expect(experiments.map(({ name }: { name: string }) => name)).toEqual(EXPERIMENTS.map(({ name }) => name));
    const rows = experiments.flatMap((each: { rows: (Row & { outcome: string })[] }) => each.rows);
    for (const each of rows) {
      expect(each.outcome, each.what).not.toBe('wrong');
      expect(each.low, each.what).toBeLessThanOrEqual(each.ours);
      expect(each.high, each.what).toBeGreaterThanOrEqual(each.ours);
      if (each.outcome === 'outside') expect(each.why, each.what).toBeDefined();
    }
    expect(rows.filter(({ outcome }: { outcome: string }) => outcome === 'same').length).toBeGreaterThanOrEqual(6);
    expect(Object.keys(notReproduced).length).toBeGreaterThan(0);
    // Forty machines of up to 8 GiB: half a minute of one processor that has nothing else to do.
  }, 600_000);

  test('one by name, as a table; an unknown name is refused', async () => {
    const dir = scratch();
    const { out } = await forklab(['reproduce', 'meminfo'], dir);
    expect(out).toMatch(/PTE tables that fork copies.*512 │ +512 .*same/);
    expect(out).toContain('Why it differs: the program has text');
    const unknown = await forklab(['reproduce', 'memifo'], dir);
    expect([unknown.status, unknown.err]).toEqual([2, expect.stringMatching(/FL1015.*write meminfo if/)]);
  });
});
