/** The loops of the On-Demand-Fork paper: fork, and fork followed by touching a part of memory. */
import type { Op } from '@forklab/core';
import { filledProcess, HEAP, MIB, PAGE } from '../memory.js';
import { real, type Values, whole } from '../parameter.js';
import { workload } from '../workload.js';

const ODF = 'On-Demand-Fork (EuroSys 2021), figures 7 and 8';

const parameters = {
  mib: whole('private memory, all written', 'MiB', 1024, [2, 65_536], 'published', `${ODF}: 0.5 to 50 GB`),
  forks: whole('forks, one after the other', 'forks', 5, [1, 1000], 'published', `${ODF}: five runs averaged`),
  touched: real(
    'share that the parent touches while the child lives',
    'of 1',
    0,
    [0, 1],
    'published',
    `${ODF}: 0 to 1`,
  ),
  read: real('share of that which it only reads', 'of 1', 0, [0, 1], 'published', `${ODF}: 0, 0.25, 0.5, 0.75, 1`),
} as const;

type V = Values<typeof parameters>;

/** The paper copies through a buffer of 32 MB, so reads and writes alternate in pieces of that size. */
const PIECE = 32 * MIB;

/** The first `touched` of memory in order, of each piece a part read and the rest written. */
const touch = (v: V, value: number): readonly Op[] => {
  const end = Math.floor((v.mib * MIB * v.touched) / PAGE) * PAGE;
  const out: Op[] = [];
  for (let at = 0; at < end; at += PIECE) {
    const piece = Math.min(PIECE, end - at);
    const read = Math.round((piece * v.read) / PAGE) * PAGE;
    if (read > 0) out.push({ op: 'read', proc: 'p0', addr: HEAP + at, length: read });
    if (read < piece) out.push({ op: 'write', proc: 'p0', addr: HEAP + at + read, length: piece - read, value });
  }
  return out;
};

export const microbench = workload({
  name: 'microbench',
  about: 'fork, and touch a part of memory afterwards, in a loop',
  of: 'the microbenchmarks of On-Demand-Fork (EuroSys 2021)',
  parameters,
  says: (v) =>
    `${v.mib} MiB are forked ${v.forks} times; each time the parent touches ${Math.round(v.touched * 100)} % of it`,
  ops: (v) => [
    ...filledProcess('p0', v.mib * MIB),
    { op: 'sample', label: 'before' },
    ...Array.from({ length: v.forks }, (_, i): readonly Op[] => [
      { op: 'fork', proc: 'p0', child: `c${i + 1}` },
      ...touch(v, i + 2),
      { op: 'exit', proc: `c${i + 1}` },
    ]).flat(),
    { op: 'sample', label: 'end' },
    { op: 'exit', proc: 'p0' },
  ],
});
