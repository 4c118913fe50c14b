/** A large process that starts small programs. */
import { repeatedForkLoad, repeatedForkOps, repeatedForkParameters } from '../repeated-fork.js';
import { workload } from '../workload.js';

const fixed = { server: 'large', ends: 'exec' } as const;

export const forkExec = workload({
  name: 'fork-exec',
  about: 'a large process starts small programs',
  of: 'a server that runs helpers; "A fork() in the road" (HotOS 2019) shows fork and exec growing with the parent',
  parameters: repeatedForkParameters({
    mib: [1024, 'assumption', 'a round number; the paper sweeps it'],
    children: [20, 'assumption', 'enough that the first one does not matter'],
    pages: [10, 'assumption', 'stack and allocator before exec'],
    tables: [3, 'assumption', 'as pages'],
    workNs: [20_000, 'assumption', 'closing descriptors before exec'],
  }),
  says: (v) =>
    `a process of ${v.mib} MiB starts ${v.children} programs; each child writes ${v.pages} pages before exec`,
  ops: (v) => repeatedForkOps({ ...v, ...fixed }),
  load: (v) => repeatedForkLoad({ ...v, ...fixed }),
});
