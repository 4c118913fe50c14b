/** A virtual machine that is cloned by forking its monitor. */
import { repeatedForkLoad, repeatedForkOps, repeatedForkParameters } from '../repeated-fork.js';
import { workload } from '../workload.js';

const ODF = 'On-Demand-Fork (EuroSys 2021), section 5.3.4';

const fixed = { server: 'monitor', ends: 'exit' } as const;

export const vmClone = workload({
  name: 'vm-clone',
  about: 'a virtual machine is cloned for each test of a kernel',
  of: 'TriforceAFL, as in On-Demand-Fork (EuroSys 2021) and the COW-PTE cover letters',
  parameters: repeatedForkParameters({
    mib: [188, 'published', `${ODF}: a QEMU of about 188 MB`],
    children: [40, 'assumption', 'enough that the first one does not matter'],
    pages: [400, 'assumption', 'a guest that takes one system call; the paper does not say'],
    tables: [40, 'assumption', 'as pages'],
    workNs: [
      6_500_000,
      'assumption',
      'what is left of 1/145 s for an execution under On-Demand-Fork, which is published',
    ],
  }),
  says: (v) => `a monitor of ${v.mib} MiB forks ${v.children} clones; each writes ${v.pages} pages and exits`,
  ops: (v) => repeatedForkOps({ ...v, ...fixed }),
  load: (v) => repeatedForkLoad({ ...v, ...fixed }),
});
