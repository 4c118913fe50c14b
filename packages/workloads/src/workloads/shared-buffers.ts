/** A database whose server processes all map the same shared buffers. */
import type { Op } from '@forklab/core';
import { FILE, HEAP, MIB, PAGE } from '../memory.js';
import { real, type Values, whole } from '../parameter.js';
import { workload } from '../workload.js';

const parameters = {
  mib: whole(
    'shared buffers',
    'MiB',
    256,
    [2, 65_536],
    'assumption',
    'scaled down: 32 GiB in the PostgreSQL measurement on msharefs, 300 GiB in the Oracle example of the mshare covers',
  ),
  backends: whole(
    'server processes',
    'processes',
    64,
    [1, 2000],
    'assumption',
    'scaled down: 8000 and 16000 in the PostgreSQL measurement, 1500 in the Oracle example',
  ),
  own: whole('private memory before the fork', 'MiB', 8, [2, 4096], 'assumption', 'not published'),
  touched: real(
    'share of the buffers that each touches',
    'of 1',
    1,
    [0, 1],
    'published',
    'the Oracle example lets every process map every page',
  ),
  rate: whole('requests a second', 'requests/s', 20_000, [1, 10_000_000], 'assumption', 'not published'),
  requests: whole('requests', 'requests', 20_000, [100, 2_000_000], 'assumption', 'one second of them'),
  userNs: whole(
    'a request without page faults',
    'ns',
    60_000,
    [1, 1e10],
    'assumption',
    'an index lookup of pgbench -S',
  ),
} as const;

type V = Values<typeof parameters>;

const SERVER = 'postmaster';

const setup = (v: V): readonly Op[] => [
  { op: 'process', proc: SERVER },
  { op: 'file', proc: SERVER, file: 'buffers', size: v.mib * MIB },
  { op: 'mmap', proc: SERVER, addr: FILE, length: v.mib * MIB, prot: 'rw-', flags: ['shared'], file: 'buffers' },
  { op: 'mmap', proc: SERVER, addr: HEAP, length: v.own * MIB, prot: 'rw-', flags: ['private', 'anonymous'] },
  { op: 'write', proc: SERVER, addr: FILE, length: v.mib * MIB },
  { op: 'write', proc: SERVER, addr: HEAP, length: v.own * MIB },
];

const ops = (v: V): readonly Op[] => {
  const names = Array.from({ length: v.backends }, (_, i) => `backend${i + 1}`);
  const length = Math.floor((v.mib * MIB * v.touched) / PAGE) * PAGE;
  return [
    ...setup(v),
    { op: 'sample', label: 'before' },
    ...names.map((child): Op => ({ op: 'fork', proc: SERVER, child })),
    { op: 'sample', label: 'after forks' },
    ...(length === 0 ? [] : names.map((proc): Op => ({ op: 'read', proc, addr: FILE, length }))),
    { op: 'sample', label: 'all touched' },
    ...[...names, SERVER].map((proc): Op => ({ op: 'exit', proc })),
  ];
};

export const sharedBuffers = workload({
  name: 'shared-buffers',
  about: 'the server processes of a database map the same buffers',
  of: 'PostgreSQL and Oracle, as in the mshare cover letters and a measurement of 2025 on them',
  parameters,
  says: (v) => `${v.backends} processes, forked from one, each touch ${Math.round(v.touched * 100)} % of ${v.mib} MiB`,
  ops,
  load: (v) => ({
    setup: setup(v),
    server: SERVER,
    serving: { by: 'workers', workers: v.backends },
    arrivals: { kind: 'poisson', perSecond: v.rate },
    requests: v.requests,
    userNs: v.userNs,
    touches: { addr: FILE, length: v.mib * MIB, pages: 4, pattern: 'uniform', readShare: 1 },
  }),
});
