import { formatTrace, isForklabError, type Op, parseTrace, runTrace } from '@forklab/core';
import { describe, expect, it } from 'vitest';
import { type ImportOptions, importLog, type LogFormat } from '../src/index.js';
import { copying } from './copying.js';

const imported = (log: string, format: LogFormat = 'strace', options: Partial<ImportOptions> = {}) =>
  importLog(log.trim().split('\n'), format, { name: 'log', touch: 1, ...options });

/** Operations without those that the assumption about touching adds. */
const ops = async (log: string, format: LogFormat = 'strace'): Promise<readonly Op[]> =>
  (await imported(log, format, { touch: 0 })).trace.ops;

const SHELL = `
100 execve("/bin/sh", ["sh", "-c", "a, b) = 3"], 0x7ffc /* 9 vars */) = 0
100 brk(NULL)                         = 0x55a6c8b34000
100 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7fa705bff000
100 mmap(NULL, 36000, PROT_READ, MAP_PRIVATE, 3</etc/ld.so.cache>, 0) = 0x7fa705bf0000
100 mmap(0x7fa705bf4000, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED|MAP_DENYWRITE, 5</etc/ld.so.cache>, 0x8000) = 0x7fa705bf4000
100 brk(0x55a6c8b55000)               = 0x55a6c8b55000
100 access("/etc/none", R_OK)         = -1 ENOENT (No such file or directory)
100 mprotect(0x7fa705bff000, 8192, PROT_READ) = 0
100 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7fa705a11a10) = 101
101 munmap(0x7fa705bf0000, 36000 <unfinished ...>
100 madvise(0x7fa705bff000, 4096, MADV_DONTNEED) = 0
101 <... munmap resumed>)             = 0
101 exit_group(0)                     = ?
101 +++ exited with 0 +++
100 mremap(0x7fa705bff000, 8192, 16384, MREMAP_MAYMOVE) = 0x7fa705a00000
100 brk(0x55a6c8b44000)               = 0x55a6c8b44000
100 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 ENOMEM (Cannot allocate memory)
100 +++ killed by SIGKILL +++
`;

describe('strace', () => {
  it('becomes processes, mappings, forks and ends', async () => {
    expect(await ops(SHELL)).toEqual([
      { op: 'file', file: 'f0', size: 36864 },
      { op: 'process', proc: 'p100' },
      { op: 'exec', proc: 'p100' },
      {
        op: 'mmap',
        proc: 'p100',
        addr: 0x7fa705bff000,
        length: 8192,
        prot: 'rw-',
        flags: ['private', 'anonymous'],
      },
      {
        op: 'mmap',
        proc: 'p100',
        addr: 0x7fa705bf0000,
        length: 36864,
        prot: 'r--',
        flags: ['private'],
        file: 'f0',
        offset: 0,
      },
      {
        op: 'mmap',
        proc: 'p100',
        addr: 0x7fa705bf4000,
        length: 4096,
        prot: 'r-x',
        flags: ['private', 'fixed'],
        file: 'f0',
        offset: 32768,
      },
      {
        op: 'mmap',
        proc: 'p100',
        addr: 0x55a6c8b34000,
        length: 0x21000,
        prot: 'rw-',
        flags: ['private', 'anonymous', 'fixed'],
      },
      { op: 'mprotect', proc: 'p100', addr: 0x7fa705bff000, length: 8192, prot: 'r--' },
      { op: 'fork', proc: 'p100', child: 'p101' },
      { op: 'madvise', proc: 'p100', addr: 0x7fa705bff000, length: 4096, advice: 'dontneed' },
      { op: 'munmap', proc: 'p101', addr: 0x7fa705bf0000, length: 36864 },
      { op: 'exit', proc: 'p101' },
      { op: 'mremap', proc: 'p100', addr: 0x7fa705bff000, oldLength: 8192, newLength: 16384, newAddr: 0x7fa705a00000 },
      { op: 'munmap', proc: 'p100', addr: 0x55a6c8b44000, length: 0x11000 },
      { op: 'exit', proc: 'p100' },
    ]);
  });

  it('can be written, read and run, with what is touched as assumed', async () => {
    const { trace, leftOut, lines } = await imported(SHELL);
    expect(parseTrace(formatTrace(trace))).toEqual(trace);
    expect([lines, leftOut]).toEqual([18, { 'other lines': 1, 'calls that failed': 1 }]);
    expect(trace.header.source?.assumed).toContain('the first 100 %');
    const { steps } = runTrace(trace, { strategies: [copying], check: true });
    expect(steps.filter(({ result }) => result !== 0)).toEqual([]);
    const touched = (share: number) =>
      imported(SHELL, 'strace', { touch: share }).then(({ trace: { ops: all } }) =>
        all.reduce((sum, op) => sum + (op.op === 'write' ? op.length : 0), 0),
      );
    expect((await touched(1)) / (await touched(0.5))).toBeCloseTo(2, 0);
  });

  it('threads are one process; it ends with exit_group, whoever calls it', async () => {
    const log = `
7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD|CLONE_SIGHAND, child_tid=0x7f, stack=0x7f}, 88) = 8
8 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000
8 +++ exited with 0 +++
7 munmap(0x7f0000000000, 4096) = 0
7 exit_group(0) = ?
7 +++ exited with 0 +++`;
    const all = await ops(log);
    expect(all.map(({ op }) => op)).toEqual(['process', 'mmap', 'munmap', 'exit']);
    expect(new Set(all.map((op) => 'proc' in op && op.proc))).toEqual(new Set(['p7']));
  });

  it('a vfork whose child is heard of before it returns', async () => {
    const log = `
5 vfork( <unfinished ...>
6 execve("/bin/true", ["true"], 0x7ffd /* 1 var */) = 0
5 <... vfork resumed>) = 6
5 munmap(0x7f0000000000, 4096) = 0
6 exit_group(0) = ?`;
    const all = await ops(log);
    expect(all.map(({ op }) => op)).toEqual(['process', 'vfork', 'exec', 'munmap', 'exit']);
    expect(() => formatTrace({ header: { forklab: 'trace', version: 1, name: 'x' }, ops: all })).not.toThrow();
  });

  it('the other threads of a waiting parent are left out, and counted', async () => {
    const log = `
5 vfork( <unfinished ...>
6 munmap(0x7f0000002000, 4096) = 0
5 munmap(0x7f0000000000, 4096) = 0
6 exit_group(0) = ?`;
    const { trace, leftOut } = await imported(log);
    expect(leftOut['calls of other threads during a vfork']).toBe(1);
    expect(() => formatTrace(trace)).not.toThrow();
  });

  it('written to the terminal, where news of a child cut a line', async () => {
    const log = `
brk(NULL) = 0x555500000000
clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLDstrace: Process 20 attached
, child_tidptr=0x7f) = 20
[pid 20] munmap(0x7f0000000000, 4096) = 0
[pid 19] munmap(0x7f0000001000, 4096) = 0
[pid 20] +++ exited with 0 +++`;
    expect((await ops(log)).map((op) => [op.op, 'proc' in op && op.proc])).toEqual([
      ['process', 'p'],
      ['fork', 'p'],
      ['munmap', 'p20'],
      ['munmap', 'p'],
      ['exit', 'p20'],
    ]);
  });
});

describe('perf trace', () => {
  it('says the same in other words', async () => {
    const log = `
         ? (         ): sh/100  ... [continued]: execve())                                         = 0
     0.054 ( 0.014 ms): sh/100 brk()                                                               = 0x555737e83000
     0.515 ( 0.017 ms): sh/100 mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS)         = 0x7f06cb6bb000
 0.636 ( 0.021 ms): sh/100 mmap(addr: 0x7f06cb4f6000, len: 4096, prot: READ|EXEC,flags: PRIVATE|FIXED,fd: 4, off: 0x26000) = 0x7f06cb4f6000
     0.700 ( 0.010 ms): sh/100 clone(clone_flags: CHILD_CLEARTID|0x11, child_tidptr: 0x7f06cb4cea10) = 101 (sh)
         ? (         ): sh/101  ... [continued]: clone())                                          = 0
     0.800 ( 0.005 ms): sh/101 munmap(addr: 0x7f06cb6bb000, len: 8192)                             = 0
     0.900 (         ): sh/101 exit_group()                                                        = ?`;
    expect(await ops(log, 'perf-trace')).toMatchObject([
      { op: 'file', size: 0x27000 },
      { op: 'process', proc: 'p100' },
      { op: 'exec' },
      { op: 'mmap', addr: 0x7f06cb6bb000, flags: ['private', 'anonymous'], prot: 'rw-' },
      { op: 'mmap', addr: 0x7f06cb4f6000, flags: ['private', 'fixed'], offset: 0x26000 },
      { op: 'fork', proc: 'p100', child: 'p101' },
      { op: 'munmap', proc: 'p101' },
      { op: 'exit', proc: 'p101' },
    ]);
  });
});

describe('logs that mean harm', () => {
  const code = async (make: Promise<unknown>): Promise<string> => {
    try {
      await make;
    } catch (error) {
      if (isForklabError(error)) return error.code;
      throw error;
    }
    return 'none';
  };

  it('ranges that are none are left out: not aligned, beyond the address space, overflowing, empty', async () => {
    const { leftOut, trace } = await imported(`
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000001
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xffffffffffffffff
1 munmap(0x7f0000000000, 18446744073709551615) = 0
1 munmap(0x7f0000000000, 0) = 0
1 munmap(0x7f0000000000, 4096) = 0`);
    expect(trace.ops.map(({ op }) => op)).toEqual(['process', 'munmap']);
    expect(leftOut).toEqual({ 'ranges that are none': 3, 'calls that failed': 1 });
  });

  it('so are those that files and moved mappings reach beyond it', async () => {
    const { leftOut, trace } = await imported(`
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0x1fffffffffffff) = 0x7f0000000000
1 mremap(0x7f0000000000, 4096, 9007199254740991, MREMAP_MAYMOVE) = 0x7f0000000000
1 mremap(0x7f0000000000, 4096, 8192, MREMAP_MAYMOVE) = 0x7f0000000001
1 mremap(0x7f0000000000, 4096, 8192, MREMAP_MAYMOVE) = 0x800000000000`);
    expect(trace.ops.map(({ op }) => op)).toEqual(['process']);
    expect(leftOut).toEqual({ 'ranges that are none': 4 });
  });

  it('a line of brackets takes no longer than another', async () => {
    const line = `1 mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3${'<'.repeat(65_000)}, 0) = 0x7f0000000000`;
    const before = performance.now();
    await imported(line);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('no call at all, and endless lines, are refused with the place', async () => {
    expect(await code(imported('hello\nworld'))).toBe('FL2018');
    expect(await code(imported(`1 munmap(${'0'.repeat(70_000)}`))).toBe('FL2018');
  });

  it('random lines never give a trace that cannot be read', async () => {
    let state = 1;
    const draw = (n: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % n;
    };
    const pieces = SHELL.split(/(?=[(),=<\n ])/);
    for (let round = 0; round < 200; round++) {
      const log = Array.from({ length: 120 }, () => pieces[draw(pieces.length)]!).join('');
      try {
        const { trace } = await imported(`9 munmap(0x1000, 4096) = 0\n${log}`);
        expect(() => formatTrace(trace)).not.toThrow();
      } catch (error) {
        if (!isForklabError(error) || error.code !== 'FL2018') throw error;
      }
    }
  });
});
