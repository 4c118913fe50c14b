import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostVm, priceProblems, scale } from '@forklab/timing';
import { describe, expect, test } from 'vitest';
import { forklab, SMALL, scratch } from './support/cli.js';

const here = process.platform === 'linux' && process.arch === 'x64';

test.skipIf(!here)(
  'calibrate measures this machine and writes a list that compare takes (needs Linux on x86-64)',
  async () => {
    const dir = scratch();
    const { status, out } = await forklab(
      ['calibrate', '--rounds', '1', '--mib', '256', '--out', 'here.json', '--json'],
      dir,
    );
    expect(status).toBe(0);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ forklab: 'calibration', version: 1 });
    expect(document.operations.map(({ operation }: { operation: string }) => operation)).toEqual(
      expect.arrayContaining(['fork', 'exit', 'first touch', 'COW fault']),
    );
    const list = JSON.parse(readFileSync(join(dir, 'here.json'), 'utf8'));
    expect(priceProblems(list)).toEqual([]);
    writeFileSync(join(dir, 'small.jsonl'), SMALL);
    const compared = await forklab(
      ['compare', 'small.jsonl', '--prices', 'here.json', '--strategy', 'classic', '--no-report', '--json', '-'],
      dir,
    );
    expect(JSON.parse(compared.out).prices).toMatchObject({
      name: 'calibrated',
      prices: { forks: { kind: 'measured' } },
    });
  },
  600_000,
);

describe('a price list in a file', () => {
  const call = ['compare', 'small.jsonl', '--strategy', 'classic', '--no-report', '--json', '-', '--prices', 'p.json'];
  const withList = (text: string): string => {
    const dir = scratch();
    writeFileSync(join(dir, 'small.jsonl'), SMALL);
    writeFileSync(join(dir, 'p.json'), text);
    return dir;
  };

  test('twice the prices make twice the time', async () => {
    const total = async (factor: number): Promise<number> => {
      const { out } = await forklab(call, withList(JSON.stringify(scale(hostVm, factor))));
      return JSON.parse(out).inputs[0].strategies[0].rows.totalNs;
    };
    expect((await total(2)) / (await total(1))).toBeCloseTo(2, 6);
  });

  test('is refused when it is not JSON, lacks a price, or holds one that does not fit', async () => {
    const { forks: _forks, ...less } = hostVm.prices;
    for (const [text, says] of [
      ['{', 'it is not JSON'],
      ['[]', 'it lacks name, about or host'],
      [JSON.stringify({ ...hostVm, prices: less }), 'prices.forks: it is missing'],
      [
        JSON.stringify({ ...hostVm, prices: { ...less, forks: { ...hostVm.prices.forks, ns: -1 } } }),
        'prices.forks: ns is -1',
      ],
    ]) {
      const { status, err } = await forklab(call, withList(text!));
      expect([status, err]).toEqual([2, expect.stringContaining(`FL1016: p.json is no price list: ${says}`)]);
    }
  });
});
