import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace } from '@forklab/core';
import { expect, test } from 'vitest';
import { forklab, scratch } from './support/cli.js';

const LOG = `1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fa705bff000
1 clone(child_stack=NULL, flags=SIGCHLD) = 2
2 exit_group(0) = ?
`;

test('import writes a trace that compare takes, and says what is assumed and left out', async () => {
  const dir = scratch();
  writeFileSync(join(dir, 'app.strace'), `${LOG}1 getpid() = 1\n`);
  const { status, out } = await forklab(
    ['import', 'strace', 'app.strace', '--out', 'app.jsonl', '--touch', '0.5'],
    dir,
  );
  expect(status).toBe(0);
  expect(out).toMatch(/^app\.jsonl: 5 operations from 4 lines\n {2}left out: other lines 1\n {2}assumed: .*first 50 %/);
  const { header, ops } = parseTrace(readFileSync(join(dir, 'app.jsonl'), 'utf8'));
  expect(header.name).toBe('app.strace');
  expect(ops.map(({ op }) => op)).toEqual(['process', 'mmap', 'write', 'fork', 'exit']);
  const compared = await forklab(['compare', 'app.jsonl', '--no-report', '--strategies', 'classic,cow-pte'], dir);
  expect([compared.status, compared.out.includes('A fork is')]).toEqual([0, true]);
});

test('what cannot be imported is refused with status 2, and writes nothing', async () => {
  const dir = scratch();
  writeFileSync(join(dir, 'empty.strace'), '');
  writeFileSync(join(dir, 'app.strace'), LOG);
  for (const [words, code] of [
    [['strace', 'gone.strace'], 'FL2018: gone.strace:1: no such file'],
    [['strace', 'empty.strace'], 'FL2018: empty.strace:0: no call'],
    [['perf-trace', 'app.strace'], 'FL2018: app.strace:3: no call that perf-trace'],
    [['ltrace', 'app.strace'], 'FL1003'],
    [['strace', 'app.strace', '--touch', '2'], 'FL1003'],
    [['strace'], 'FL1004'],
  ] as const) {
    const { status, err } = await forklab(['import', ...words, '--out', 'x.jsonl'], dir);
    expect([status, err]).toEqual([2, expect.stringContaining(code)]);
  }
  expect(() => readFileSync(join(dir, 'x.jsonl'))).toThrow();
});
