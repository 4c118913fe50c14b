/** Workloads in which one large process forks a child for each piece of work, one child at a time. */
import type { Op, ServerLoad } from '@forklab/core';
import { filledProcess, HEAP, MIB, PAGE, strideFor, writeApart } from './memory.js';
import { type Standing, whole } from './parameter.js';

export interface RepeatedFork {
  readonly server: string;
  readonly mib: number;
  readonly children: number;
  /** Pages that each child writes, and the tables that they lie in. */
  readonly pages: number;
  readonly tables: number;
  /** Time of the child's work. */
  readonly workNs: number;
  readonly ends: 'exit' | 'exec';
}

type From = readonly [value: number, standing: Standing, source: string];

/** The parameters that they all have. */
export const repeatedForkParameters = (of: {
  readonly mib: From;
  readonly children: From;
  readonly pages: From;
  readonly tables: From;
  readonly workNs: From;
}) =>
  ({
    mib: whole('memory of the process that forks', 'MiB', of.mib[0], [2, 65_536], of.mib[1], of.mib[2]),
    children: whole(
      'children, one after the other',
      'children',
      of.children[0],
      [1, 10_000],
      of.children[1],
      of.children[2],
    ),
    pages: whole('pages that each child writes', 'pages', of.pages[0], [0, 65_536], of.pages[1], of.pages[2]),
    tables: whole('tables that these pages lie in', 'tables', of.tables[0], [1, 4096], of.tables[1], of.tables[2]),
    workNs: whole('what each child computes', 'ns', of.workNs[0], [1, 1e11], of.workNs[1], of.workNs[2]),
  }) as const;

export const repeatedForkOps = (r: RepeatedFork): readonly Op[] => {
  const bytes = r.mib * MIB;
  const stride = strideFor(r.pages, r.tables, bytes);
  const pages = Math.min(r.pages, bytes / stride);
  const out: Op[] = [...filledProcess(r.server, bytes), { op: 'sample', label: 'before' }];
  for (let i = 1; i <= r.children; i++) {
    const child = `child${i}`;
    out.push({ op: 'fork', proc: r.server, child }, ...writeApart(child, HEAP, pages, stride, i + 1));
    if (i === 1) out.push({ op: 'sample', label: 'first child' });
    if (r.ends === 'exec') out.push({ op: 'exec', proc: child });
    out.push({ op: 'exit', proc: child });
  }
  return [...out, { op: 'sample', label: 'end' }, { op: 'exit', proc: r.server }];
};

/** The same as requests of one client: each is a fork, the child's work, and its end. */
export const repeatedForkLoad = (r: RepeatedFork): ServerLoad => {
  const bytes = r.mib * MIB;
  const writes = r.pages > 0;
  return {
    setup: filledProcess(r.server, bytes),
    server: r.server,
    serving: {
      by: 'children',
      child: {
        pages: writes ? r.pages : 1,
        strideBytes: writes ? strideFor(r.pages, r.tables, bytes) : PAGE,
        perPageNs: writes ? r.workNs / r.pages : r.workNs,
        writesEvery: writes ? 1 : 0,
        ends: r.ends,
      },
    },
    arrivals: { kind: 'closed' },
    requests: r.children,
    userNs: 0,
    touches: { addr: HEAP, length: bytes, pages: 0, pattern: 'sequential', readShare: 1 },
  };
};
