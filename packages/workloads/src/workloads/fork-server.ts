/** A fuzzer's fork server: a large process forks a child for each test case. */
import { repeatedForkLoad, repeatedForkOps, repeatedForkParameters } from '../repeated-fork.js';
import { workload } from '../workload.js';

const ODF = 'On-Demand-Fork (EuroSys 2021), section 5.3.1';

const fixed = { server: 'target', ends: 'exit' } as const;

export const forkServer = workload({
  name: 'fork-server',
  about: 'a fuzzer forks a database for each test case',
  of: 'AFL on SQLite, as in On-Demand-Fork (EuroSys 2021) and the COW-PTE cover letters',
  parameters: repeatedForkParameters({
    mib: [1078, 'published', `${ODF}: 1078 MB in memory`],
    children: [40, 'assumption', 'enough that the first one does not matter'],
    pages: [100, 'assumption', 'stack, allocator, header of the database; the paper does not say'],
    tables: [20, 'assumption', 'as pages'],
    workNs: [
      2_700_000,
      'assumption',
      'what is left of 1/63 s for an execution, less 13.15 ms for its fork, both published',
    ],
  }),
  says: (v) => `a process of ${v.mib} MiB forks ${v.children} children; each writes ${v.pages} pages and exits`,
  ops: (v) => repeatedForkOps({ ...v, ...fixed }),
  load: (v) => repeatedForkLoad({ ...v, ...fixed }),
});
