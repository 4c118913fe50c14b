import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { comparisonSchema, type StrategyResult } from '../src/document.js';
import { forklab, SMALL, scratch } from './support/cli.js';

const LOAD = 'redis-snapshot:mib=32,rate=20000,pageNs=20000,seconds=0.1';

const compared = async (input: string, strategies: string, dir: string) => {
  const { out, status } = await forklab(
    ['compare', input, '--strategies', strategies, '--json', '-', '--no-report'],
    dir,
  );
  expect(status).toBe(0);
  const [only] = comparisonSchema.parse(JSON.parse(out)).inputs;
  const column = (label: string): StrategyResult => only!.strategies.find((each) => each.label === label)!;
  return { input: only!, column };
};

describe('requests of a server that forks', () => {
  test('classic stalls by its fork, a shared table by its break; the median does not care', async () => {
    const { input, column } = await compared(LOAD, 'classic,cow-pte,mshare', scratch());
    const [classic, shared] = [column('classic').rows, column('cow-pte').rows];
    expect(classic.requestNsMax).toBeGreaterThan(classic.forkNs * 0.9);
    expect(classic.requestNsP999 / shared.requestNsP999).toBeGreaterThan(5);
    expect(shared.requestNsMax).toBeGreaterThan(shared.faultNsMax * 0.9);
    expect(classic.requestNsP50).toBe(shared.requestNsP50);
    // mshare has nothing to do with private memory: it must cost what classic costs.
    expect(column('mshare').rows.requestNsP999 / classic.requestNsP999).toBeCloseTo(1, 1);
    expect(input.verdict).toContain('The 99.9th percentile of requests is lowest under cow-pte');
    expect(input.stability.says).toContain('The order by the 99.9th percentile of requests survives');
  });

  test('a window, a series, and where the time of a request went', async () => {
    const { column } = await compared(LOAD, 'classic', scratch());
    const { requests, rows } = column('classic');
    const { atNs, perSecond, worstNs } = requests!.series;
    expect([atNs.length, perSecond.length, worstNs.length]).toEqual([100, 100, 100]);
    expect(requests!.window![0]).toBeGreaterThanOrEqual(1e8);
    expect(requests!.window![1] - requests!.window![0]).toBeGreaterThan(8192 * 20_000);
    expect(Math.max(...worstNs)).toBeCloseTo(rows.requestNsMax, -1);
    expect(requests!.spent.userNs).toBe(667);
  });

  test('the same call gives the same document, another seed other requests', async () => {
    const dir = scratch();
    const call = ['compare', LOAD, '--strategy', 'cow-pte', '--json', '-', '--no-report'];
    const first = (await forklab(call, dir)).out;
    expect((await forklab(call, dir)).out).toBe(first);
    expect((await forklab([...call, '--seed', '3'], dir)).out).not.toBe(first);
  });
});

describe('arrivals from a log', () => {
  const call = ['compare', LOAD, '--strategy', 'classic', '--json', '-', '--no-report', '--arrivals', 'log'];
  const withLog = (text: string): string => {
    const dir = scratch();
    writeFileSync(join(dir, 'log'), text);
    return dir;
  };

  test('requests come when the log says, whatever else stands in its lines', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `${1700000000 + i * 0.001} GET /${i}`);
    const { inputs, replay } = JSON.parse((await forklab(call, withLog(`${lines.join('\n')}\n`))).out);
    const [{ rows }] = inputs[0].strategies;
    expect(rows.requests).toBe(500);
    expect(rows.requestsPerSecond).toBeCloseTo(1000, -2);
    expect(replay).toContain('--arrivals log');
  });

  test('is refused with the line when it is none', async () => {
    for (const [text, where] of [
      ['', 'log:1: there is no request'],
      ['0\n1\n0.5\n', 'log:3: it is earlier'],
      ['0\nGET / 1\n', 'log:2: it does not begin'],
    ]) {
      const { status, err } = await forklab(call, withLog(text!));
      expect([status, err]).toEqual([2, expect.stringContaining(`FL1017: ${where}`)]);
    }
  });
});

test('a server that forks its workers beforehand gains nothing from shared tables', async () => {
  const { column } = await compared('prefork-server:workers=8,requests=5000', 'classic,cow-pte', scratch());
  const [classic, shared] = [column('classic').rows, column('cow-pte').rows];
  expect(shared.requestNsP50).toBe(classic.requestNsP50);
  expect(shared.requestNsP99 / classic.requestNsP99).toBeGreaterThan(0.95);
  expect(column('classic').requests!.window).toBeNull();
});

test('a fork server answers more test cases a second with shared tables', async () => {
  const { column } = await compared('fork-server:mib=256,children=5', 'classic,cow-pte', scratch());
  expect(column('cow-pte').rows.requestsPerSecond / column('classic').rows.requestsPerSecond).toBeGreaterThan(1.5);
});

test('an input without requests says nothing of them, in no report', async () => {
  const dir = scratch();
  writeFileSync(join(dir, 'small.jsonl'), SMALL);
  writeFileSync(
    join(dir, 'forklab.config.json'),
    '{"report":{"formats":["markdown","json"]},"strategies":["classic"]}',
  );
  const { out } = await forklab(['compare', 'small.jsonl', '--all'], dir);
  expect(out).not.toMatch(/latency|percentile of requests/);
  expect(readFileSync(join(dir, 'report/comparison.md'), 'utf8')).not.toMatch(/latency|percentile of requests/);
  const [input] = JSON.parse(readFileSync(join(dir, 'report/comparison.json'), 'utf8')).inputs;
  expect([input.strategies[0].requests, input.strategies[0].rows.requestNsP999]).toEqual([null, 0]);
});
