/** A web server that forks its workers before there is work. */
import type { Op } from '@forklab/core';
import { filledProcess, HEAP, MIB, PAGE, strideFor, writeApart } from '../memory.js';
import { type Values, whole } from '../parameter.js';
import { workload } from '../workload.js';

const ODF = 'On-Demand-Fork (EuroSys 2021), tables 6 and 7';

const parameters = {
  mib: whole('memory of the parent before it forks', 'MiB', 7, [2, 16_384], 'published', `${ODF}: 7 MB`),
  workers: whole('workers', 'processes', 32, [1, 1024], 'assumption', 'at most 256 in the paper; it starts with five'),
  pages: whole('pages that each worker writes once', 'pages', 60, [0, 65_536], 'assumption', 'stack, pools, counters'),
  tables: whole('tables that these pages lie in', 'tables', 3, [1, 4096], 'assumption', 'as pages'),
  rate: whole(
    'requests a second',
    'requests/s',
    20_000,
    [1, 10_000_000],
    'assumption',
    'well below what workers can do',
  ),
  requests: whole(
    'requests',
    'requests',
    20_000,
    [100, 2_000_000],
    'published',
    `${ODF}: wrk for one second, at that rate`,
  ),
  userNs: whole('a request without page faults', 'ns', 34_000, [1, 1e10], 'published', `${ODF}: 34.3 us on average`),
} as const;

type V = Values<typeof parameters>;

const SERVER = 'parent';

const ops = (v: V): readonly Op[] => {
  const bytes = v.mib * MIB;
  const stride = strideFor(v.pages, v.tables, bytes);
  const pages = Math.min(v.pages, Math.floor(bytes / stride));
  const names = Array.from({ length: v.workers }, (_, i) => `worker${i + 1}`);
  return [
    ...filledProcess(SERVER, bytes),
    { op: 'sample', label: 'before' },
    ...names.map((child): Op => ({ op: 'fork', proc: SERVER, child })),
    { op: 'sample', label: 'after forks' },
    ...names.flatMap((proc, i) => writeApart(proc, HEAP, pages, stride, i + 2)),
    { op: 'sample', label: 'working' },
    ...[...names, SERVER].map((proc): Op => ({ op: 'exit', proc })),
  ];
};

export const preforkServer = workload({
  name: 'prefork-server',
  about: 'a web server forks its workers before there is work',
  of: 'Apache prefork, as in On-Demand-Fork (EuroSys 2021), where sharing tables changes nothing',
  parameters,
  says: (v) => `a parent of ${v.mib} MiB forks ${v.workers} workers, each of which writes ${v.pages} pages`,
  ops,
  load: (v) => ({
    setup: filledProcess(SERVER, v.mib * MIB),
    server: SERVER,
    serving: { by: 'workers', workers: v.workers },
    arrivals: { kind: 'poisson', perSecond: v.rate },
    requests: v.requests,
    userNs: v.userNs,
    // Requests find the pages of their worker again: those few are drawn from, not all of memory.
    touches: {
      addr: HEAP,
      length: Math.min(v.mib * MIB, Math.max(1, v.pages) * PAGE),
      pages: v.pages === 0 ? 0 : 3,
      pattern: 'uniform',
      readShare: 0.5,
    },
  }),
});
