/** A template process that many applications are forked from and go on living. */
import type { Op } from '@forklab/core';
import { FILE, filledProcess, HEAP, MIB, strideFor, writeApart } from '../memory.js';
import { real, type Values, whole } from '../parameter.js';
import { workload } from '../workload.js';

const parameters = {
  mib: whole(
    'private memory of the zygote',
    'MiB',
    64,
    [2, 16_384],
    'assumption',
    'its managed space alone was 8.4 MB in 2013 (AOSP commits); what it preloads comes on top and is not published',
  ),
  libraries: whole('libraries mapped from files', 'MiB', 64, [2, 16_384], 'assumption', 'not published'),
  apps: whole('applications that live at once', 'processes', 30, [1, 1000], 'assumption', 'a phone in use'),
  written: real(
    'share of the private pages that an application writes',
    'of 1',
    0.048,
    [0, 1],
    'published',
    'CXLfork (ASPLOS 2025), of serverless functions: 72.2 % initial only, 23 % read only, so 4.8 % written',
  ),
  tables: real(
    'share of the tables that these pages lie in',
    'of 1',
    0.5,
    [0, 1],
    'assumption',
    'writes of managed code cluster, but not in one place',
  ),
  read: real('share of the libraries that an application reads', 'of 1', 0.3, [0, 1], 'assumption', 'not published'),
} as const;

type V = Values<typeof parameters>;

const readLibraries = (proc: string, v: V): readonly Op[] => {
  const length = Math.floor((v.libraries * v.read * MIB) / 4096) * 4096;
  return length === 0 ? [] : [{ op: 'read', proc, addr: FILE, length }];
};

const ops = (v: V): readonly Op[] => {
  const bytes = v.mib * MIB;
  const library = v.libraries * MIB;
  const names = Array.from({ length: v.apps }, (_, i) => `app${i + 1}`);
  const pages = Math.round((bytes / 4096) * v.written);
  const stride = strideFor(pages, Math.round(v.mib * v.tables * 0.5), bytes);
  return [
    ...filledProcess('zygote', bytes),
    { op: 'file', proc: 'zygote', file: 'libraries', size: library },
    { op: 'mmap', proc: 'zygote', addr: FILE, length: library, prot: 'rw-', flags: ['shared'], file: 'libraries' },
    { op: 'write', proc: 'zygote', addr: FILE, length: library },
    { op: 'munmap', proc: 'zygote', addr: FILE, length: library },
    { op: 'mmap', proc: 'zygote', addr: FILE, length: library, prot: 'r-x', flags: ['private'], file: 'libraries' },
    ...readLibraries('zygote', v),
    { op: 'sample', label: 'zygote' },
    ...names.flatMap((child, i): readonly Op[] => [
      { op: 'fork', proc: 'zygote', child },
      ...writeApart(child, HEAP, pages, stride, i + 2),
      ...readLibraries(child, v),
    ]),
    { op: 'sample', label: 'all applications' },
    ...[...names, 'zygote'].map((proc): Op => ({ op: 'exit', proc })),
  ];
};

export const zygote = workload({
  name: 'zygote',
  about: 'applications are forked from a template and go on living',
  of: 'the Android zygote, of which "Shared Address Translation Revisited" (EuroSys 2016) shares the tables',
  parameters,
  says: (v) =>
    `${v.apps} applications are forked from ${v.mib} MiB of private memory and ${v.libraries} MiB of libraries; ` +
    `each writes ${(v.written * 100).toFixed(1)} % of the former and reads ${Math.round(v.read * 100)} % of the latter`,
  ops,
});
