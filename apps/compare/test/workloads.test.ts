import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace } from '@forklab/core';
import { WORKLOADS } from '@forklab/workloads';
import { describe, expect, test } from 'vitest';
import { forklab, SMALL, scratch } from './support/cli.js';

describe('workloads as inputs', () => {
  test('run, dump, diff and compare take one in place of a trace', async () => {
    const dir = scratch();
    const workload = 'microbench:mib=4,forks=2';
    const run = await forklab(['run', workload, '--strategy', 'cow-pte', '--json'], dir);
    expect(JSON.parse(run.out)).toMatchObject({ trace: workload, strategy: 'cow-pte', violations: [] });
    expect((await forklab(['dump', workload, '--step', '4'], dir)).out).toContain('after line 4');
    expect((await forklab(['diff', 'classic', 'cow-pte', workload], dir)).out).toContain('answer the same');
    const compare = await forklab(
      ['compare', workload, 'microbench:mib=2', '--strategy', 'classic', '--no-report', '--json', '-'],
      dir,
    );
    const { inputs, versions, replay } = JSON.parse(compare.out);
    expect(inputs.map(({ name }: { name: string }) => name)).toEqual([workload, 'microbench:mib=2']);
    expect(inputs[0].source).toMatchObject({ kind: 'workload', workload: 'microbench', assumed: 'nothing' });
    expect(versions['@forklab/workloads']).toBeDefined();
    expect(replay).toBe(`forklab compare ${workload} microbench:mib=2 --strategy classic`);
  });

  test('what is assumed about it stands in what is printed and in the Markdown', async () => {
    const dir = scratch();
    writeFileSync(join(dir, 'forklab.config.json'), '{"report":{"formats":["markdown"]},"strategies":["classic"]}');
    const { out } = await forklab(['compare', 'unit-tests:mib=4,children=2', 'microbench:mib=2'], dir);
    const said = 'Assumed, since nobody has published it: pages, tables.';
    expect(out.split(said)).toHaveLength(2);
    expect(readFileSync(join(dir, 'report/comparison.md'), 'utf8')).toContain(said);
  });

  test('a file of the same name is reached by a path; the same workload twice is refused', async () => {
    const dir = scratch();
    writeFileSync(join(dir, 'zygote'), SMALL);
    expect(JSON.parse((await forklab(['run', './zygote', '--json'], dir)).out).trace).toBe('small');
    const twice = await forklab(['compare', 'zygote', 'zygote', '--no-report'], dir);
    expect([twice.status, twice.err]).toEqual([2, expect.stringContaining('FL1010')]);
  });

  test('unknown workloads, unknown parameters and values out of range stop with status 2', async () => {
    const dir = scratch();
    for (const [given, code] of [
      ['redis-snapsho:mib=5', 'FL1013: .*write redis-snapshot if'],
      ['redis-snapshot:mb=5', 'FL1014: .*one of the parameters mib'],
      ['redis-snapshot:mib=1', 'FL1014: .*from 2 to 65536'],
      ['redis-snapshot:mib', 'FL1014: .*KEY=VALUE'],
    ]) {
      const { status, out, err } = await forklab(['compare', given!, '--no-report'], dir);
      expect([status, out]).toEqual([2, '']);
      expect(err).toMatch(new RegExp(`^forklab: ${code}`));
    }
  });
});

describe('forklab workloads', () => {
  test('lists all, describes one, and writes the trace of one', async () => {
    const dir = scratch();
    const { out } = await forklab(['workloads'], dir);
    expect(out.trimEnd().split('\n')).toHaveLength(WORKLOADS.length);
    const one = await forklab(['workloads', 'redis-snapshot'], dir);
    expect(one.out).toMatch(/mib: resident data\n {6}996 MiB \(2 to 65536\)\n {6}published: On-Demand-Fork/);
    expect(one.out).toContain('Serves requests');
    await forklab(['workloads', 'fork-exec:children=2', '--out', 'two.jsonl'], dir);
    const trace = parseTrace(readFileSync(join(dir, 'two.jsonl'), 'utf8'));
    expect(trace.ops.filter(({ op }) => op === 'exec')).toHaveLength(2);
    expect((await forklab(['workloads', '--out', 'x.jsonl'], dir)).err).toContain('FL1004');
  });
});
