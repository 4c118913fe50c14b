/** What a process did to its pages, and the operations of a trace that do the same. */

import type { Op, Prot } from '@forklab/core';
import type { Mapping } from './maps.js';
import { PAGE } from './pagemap.js';
import type { Runs } from './pages.js';
import { addPage } from './pages.js';

/** Names of the two processes in a trace. */
export const PARENT = 'p0';
export const CHILD = 'p1';
export type Proc = typeof PARENT | typeof CHILD;

/** Bits of what was done to one page; the list below gives the order in which it must be replayed. */
export const DONTNEED = 1;
export const WRITE = 2;
export const READ = 4;
export const SWAPOUT = 8;
const ACTIONS = [DONTNEED, WRITE, READ, SWAPOUT] as const;
export type Action = (typeof ACTIONS)[number];

/** One thing done by one process to pages of one mapping. */
export interface AccessGroup {
  readonly proc: Proc;
  readonly action: Action;
  readonly mapping: Mapping;
  runs: Runs;
}

/** Collects what is done to the pages of one mapping after another. */
export interface Recorder {
  /** What follows is about this mapping. */
  begin(mapping: Mapping): void;
  /** Pages must ascend within a mapping. */
  add(proc: Proc, actions: number, page: number): void;
  /** All groups so far, in order. */
  end(): AccessGroup[];
}

export const createRecorder = (): Recorder => {
  const groups: AccessGroup[] = [];
  let mapping: Mapping | null = null;
  let open: AccessGroup[] = [];
  const close = (): void => {
    groups.push(...open.sort((a, b) => a.action - b.action));
    open = [];
  };
  const group = (proc: Proc, action: Action): AccessGroup => {
    const found = open.find((it) => it.proc === proc && it.action === action);
    if (found) return found;
    const made: AccessGroup = { proc, action, mapping: mapping!, runs: [] };
    open.push(made);
    return made;
  };
  return {
    begin(next) {
      close();
      mapping = next;
    },
    add(proc, actions, page) {
      for (const action of ACTIONS) if (actions & action) addPage(group(proc, action).runs, page);
    },
    end() {
      close();
      return groups;
    },
  };
};

/** One range of pages, every `step`-th of it. */
interface Span {
  readonly page: number;
  readonly pages: number;
  readonly step: number;
}

/** Fewer single pages at equal distances than this are not worth a stride. */
const STRIDED_MIN = 3;

/** The runs as spans: three or more single pages at equal distances become one span with a step. */
export const spansOf = (runs: Runs): Span[] => {
  const spans: Span[] = [];
  for (let i = 0; i < runs.length; ) {
    const page = runs[i]!;
    const step = runs[i + 1] === 1 && i + 2 < runs.length ? runs[i + 2]! - page : 0;
    let last = i;
    while (step > 0 && last + 2 < runs.length && runs[last + 3] === 1 && runs[last + 2]! - runs[last]! === step)
      last += 2;
    if ((last - i) / 2 + 1 >= STRIDED_MIN) {
      spans.push({ page, pages: runs[last]! - page + 1, step });
      i = last + 2;
    } else {
      spans.push({ page, pages: runs[i + 1]!, step: 1 });
      i += 2;
    }
  }
  return spans;
};

type SpanOp = (proc: Proc, span: Span) => Op;

const range = (proc: Proc, { page, pages }: Span) => ({ proc, addr: page * PAGE, length: pages * PAGE });

const access =
  (op: 'read' | 'write'): SpanOp =>
  (proc, span) => ({ op, ...range(proc, span), ...(span.step > 1 ? { stride: span.step * PAGE } : {}) });

const OPS: Record<Action, SpanOp> = {
  [DONTNEED]: (proc, span) => ({ op: 'madvise', ...range(proc, span), advice: 'dontneed' }),
  [WRITE]: access('write'),
  [READ]: access('read'),
  [SWAPOUT]: (proc, span) => ({ op: 'swapout', ...range(proc, span) }),
};

/** Rights with which the action is possible, made of those that the mapping has. */
export const rightsFor = (prot: Prot, action: Action): Prot => {
  if (action === WRITE && prot[1] !== 'w') return `rw${prot[2]}` as Prot;
  return action === READ && prot === '---' ? 'r--' : prot;
};

/**
 * The operations of one group.
 *
 * A page may have been written before its mapping became read-only, and the capture sees both at once; such an access
 * is put between two changes of the rights. `prepared` says that the rights are right already.
 */
export const groupOps = ({ proc, action, mapping, runs }: AccessGroup, prepared = false): Op[] => {
  // Only reads and writes can step over pages; the other two operations take ranges.
  const strided = action === READ || action === WRITE;
  const spans = strided ? spansOf(runs) : spansOf(runs).flatMap(unstrided);
  const ops = spans.map((span) => OPS[action](proc, span));
  const prot = rightsFor(mapping.prot, action);
  if (prepared || prot === mapping.prot || ops.length === 0) return ops;
  const whole = { op: 'mprotect', proc, addr: mapping.start, length: mapping.end - mapping.start } as const;
  return [{ ...whole, prot }, ...ops, { ...whole, prot: mapping.prot }];
};

const unstrided = ({ page, pages, step }: Span): Span[] =>
  step === 1
    ? [{ page, pages, step }]
    : Array.from({ length: (pages - 1) / step + 1 }, (_, i) => ({ page: page + i * step, pages: 1, step: 1 }));
