/** The cover letters of "Introduce Copy-On-Write to Page Table", RFC v1 of 2022 to v5 of 2023. */
import { type Op, WORKS } from '@forklab/core';
import { counted, type Experiment, type Tools } from '../experiment.js';
import { priced, ratio } from '../run.js';

const GIB = 2 ** 30;
const ADDR = 2 ** 44;

/** 1 GB mapped and written, then a fork, which is looked at, and the end of both. */
const mapAndFork = (after: readonly Op[] = []): readonly Op[] => [
  { op: 'process', proc: 'parent' },
  { op: 'mmap', proc: 'parent', addr: ADDR, length: GIB, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: 'parent', addr: ADDR, length: GIB },
  { op: 'sample', label: 'before' },
  { op: 'fork', proc: 'parent', child: 'child' },
  { op: 'sample', label: 'after' },
  ...after,
  { op: 'exit', proc: 'child' },
  { op: 'exit', proc: 'parent' },
];

const sampled = ({ run }: Tools, strategies: Tools['classic']) => {
  const [before, after] = run(mapAndFork(), strategies).runner.result.samples;
  return { before: before!, after: after! };
};

const OWN = 'the program has text, libraries and a stack of its own, and other processes run';

export const meminfo: Experiment = {
  name: 'meminfo',
  title: 'PageTables of the whole machine around a fork of 1 GB, kB',
  source: 'RFC v1 cover letter, 2022-05-20',
  about: '1 GiB of private memory is written and forked. 1 GiB has 512 PTE tables of 4 kB.',
  *rows(tools) {
    const classic = sampled(tools, tools.classic);
    yield;
    const shared = sampled(tools, tools.cowPte);
    const growth = ({ before, after }: typeof classic): number => after.machine.pageTables - before.machine.pageTables;
    const copied = tools.run(mapAndFork(), tools.classic).work((op) => op.op === 'fork');
    yield;
    return [
      counted('PTE tables that fork copies, from the size', 'tables', 512, copied[WORKS.indexOf('tablesCopied')]!),
      counted('growth, normal fork (3356 to 5432)', 'kB', 2076, growth(classic), {
        expect: 'count',
        within: 60,
        why: OWN,
      }),
      counted('growth, COW (3304 to 3396)', 'kB', 92, growth(shared), { expect: 'count', within: 100, why: OWN }),
    ];
  },
};

export const vmpte: Experiment = {
  name: 'vmpte',
  title: 'VmRSS and VmPTE of parent and child after a fork of 1 GB, kB',
  source: 'RFC v2 cover letter, 2022-09-28; v3 to v5 repeat it although their code charges the child',
  about: 'As meminfo. The published processes have about 40 kB of tables and 1 to 2.5 MB of memory besides.',
  *rows(tools) {
    const rows = [];
    for (const [name, strategies, published] of [
      ['normal', tools.classic, { parentRss: 1_049_688, parentPte: 2096, childRss: 1_048_688, childPte: 2096 }],
      ['COW', tools.cowPte, { parentRss: 1_049_968, parentPte: 2096, childRss: 2576, childPte: 44 }],
    ] as const) {
      const { procs } = sampled(tools, strategies).after;
      yield;
      const { parent, child } = procs as Record<'parent' | 'child', (typeof procs)[string]>;
      const table = { expect: 'count', within: 60, why: OWN } as const;
      const memory = { expect: 'count', within: 3000, why: OWN } as const;
      rows.push(
        counted(`${name}: parent VmRSS`, 'kB', published.parentRss, parent.mm.rssAnon, memory),
        counted(`${name}: parent VmPTE`, 'kB', published.parentPte, parent.vmPte, table),
        counted(`${name}: child VmRSS`, 'kB', published.childRss, child.mm.rssAnon, memory),
        counted(`${name}: child VmPTE`, 'kB', published.childPte, child.vmPte, table),
      );
    }
    return rows;
  },
};

export const perf: Experiment = {
  name: 'perf',
  title: 'A whole program that maps, forks and modifies: COW over normal',
  source: 'author of the RFC, 2022-05-21: 373.04 ms against 373.92 ms, 877 against 881 page faults',
  about:
    'The program was not published. Here the child writes everything before both exit: what fork saved is paid by the breaks, ' +
    'so that no difference is the result to be reproduced.',
  *rows({ run, classic, cowPte }) {
    const write: Op = { op: 'write', proc: 'child', addr: ADDR, length: GIB, value: 2 };
    const all = () => true;
    const old = priced(run(mapAndFork([write]), classic).work(all));
    yield;
    const fresh = priced(run(mapAndFork([write]), cowPte).work(all));
    yield;
    return [
      ratio('time of the whole program', 373.04 / 373.92, fresh, old),
      ratio('instructions of the whole program', 1_451_763_414 / 1_451_024_912, fresh, old, {
        expect: 'direction',
        why: 'time stands for instructions: neither changes',
      }),
    ];
  },
};

export const lkmlForks: Experiment = {
  name: 'lkml-forks',
  title: 'Fork of 512 MB, COW over normal, in QEMU',
  source: 'RFC v2 cover letter: about 10 ms and 0.625 ms',
  about: '512 MiB written, then forked. The host is not described, so only the ratio is compared.',
  *rows({ run, classic, cowPte }) {
    const ops: readonly Op[] = [
      { op: 'process', proc: 'parent' },
      { op: 'mmap', proc: 'parent', addr: ADDR, length: GIB / 2, prot: 'rw-', flags: ['private', 'anonymous'] },
      { op: 'write', proc: 'parent', addr: ADDR, length: GIB / 2 },
      { op: 'fork', proc: 'parent', child: 'child' },
    ];
    const fork = (op: Op): boolean => op.op === 'fork';
    const old = priced(run(ops, classic).work(fork));
    yield;
    const why = 'the fork of QEMU’s guest has a base cost that the paper’s machine has not';
    return [ratio('fork', 0.625 / 10, priced(run(ops, cowPte).work(fork)), old, { why })];
  },
};
