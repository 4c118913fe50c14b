/** Unit tests that each start from the same large, prepared process. */
import { repeatedForkLoad, repeatedForkOps, repeatedForkParameters } from '../repeated-fork.js';
import { workload } from '../workload.js';

const ODF = 'On-Demand-Fork (EuroSys 2021), tables 2 and 3';

const fixed = { server: 'tests', ends: 'exit' } as const;

export const unitTests = workload({
  name: 'unit-tests',
  about: 'each unit test runs in a fork of a loaded database',
  of: 'SQLite unit tests, as in On-Demand-Fork (EuroSys 2021)',
  parameters: repeatedForkParameters({
    mib: [1078, 'published', `${ODF}: 1078 MB`],
    children: [30, 'assumption', 'three tests, ten times each, as the paper repeats them'],
    pages: [10, 'assumption', 'a select, a conditional delete, a conditional update; the paper does not say'],
    tables: [3, 'assumption', 'a test takes 0.03 ms longer under On-Demand-Fork: three breaks of a table'],
    workNs: [180_000, 'published', `${ODF}: 0.18 ms a test`],
  }),
  says: (v) => `a process of ${v.mib} MiB forks ${v.children} tests; each writes ${v.pages} pages and exits`,
  ops: (v) => repeatedForkOps({ ...v, ...fixed }),
  load: (v) => repeatedForkLoad({ ...v, ...fixed }),
});
