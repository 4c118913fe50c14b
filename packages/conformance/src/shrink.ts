/** From a trace that shows something to a small one that still shows it. */
import { type Op, PAGE_SIZE, type Trace } from '@forklab/core';

/** Drops operations that name a process or file which is not there, so that any subset of a trace is a trace. */
export const prune = (ops: readonly Op[]): readonly Op[] => {
  const procs = new Set<string>();
  const files = new Set<string>();
  return ops.filter((op) => {
    if (op.op === 'process') return !procs.has(op.proc) && procs.add(op.proc);
    if (op.op === 'file') return !files.has(op.file) && files.add(op.file);
    if ('file' in op && op.file !== undefined && !files.has(op.file)) return false;
    if (!('proc' in op) || op.proc === undefined) return true;
    if (!procs.has(op.proc)) return false;
    if (op.op === 'exit') return procs.delete(op.proc);
    if ('child' in op) return !procs.has(op.child) && procs.add(op.child);
    return true;
  });
};

type Keeps = (ops: readonly Op[]) => boolean;

/** Takes away runs of operations, long runs first. @paper Zeller, Hildebrandt, "Simplifying failure-inducing input" */
const fewer = (ops: readonly Op[], keeps: Keeps): readonly Op[] => {
  let left = ops;
  for (let run = Math.ceil(ops.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = left.length - run; at > -run; at -= run) {
      const from = Math.max(0, at);
      const tried = prune([...left.slice(0, from), ...left.slice(from + run)]);
      if (tried.length < left.length && keeps(tried)) left = tried;
    }
  }
  return left;
};

/** Simpler forms of one operation, the simplest first. */
const simpler = (op: Op): readonly Op[] => {
  const found: Op[] = [];
  const lengths = (length: number): number[] =>
    [PAGE_SIZE, Math.floor(length / 2 / PAGE_SIZE) * PAGE_SIZE, length - PAGE_SIZE].filter((n) => n > 0 && n < length);
  if ('length' in op) for (const length of lengths(op.length)) found.push({ ...op, length });
  // Less from the front, too: what matters may be the end.
  if ('addr' in op && 'length' in op && op.length > PAGE_SIZE) {
    found.push({ ...op, addr: op.addr + op.length - PAGE_SIZE, length: PAGE_SIZE } as Op);
    found.push({ ...op, addr: op.addr + PAGE_SIZE, length: op.length - PAGE_SIZE } as Op);
  }
  if (op.op === 'mremap') {
    for (const length of lengths(Math.min(op.oldLength, op.newLength))) {
      found.push({ ...op, oldLength: length, newLength: length });
    }
  }
  if ('stride' in op && op.stride !== undefined) {
    const { stride: _, ...rest } = op;
    found.push(rest);
  }
  if (op.op === 'mmap') {
    for (const flag of ['populate', 'noreserve', 'fixed']) {
      const flags = op.flags.filter((other) => other !== flag);
      if (flags.length < op.flags.length) found.push({ ...op, flags });
    }
    if (op.prot !== 'rw-') found.push({ ...op, prot: 'rw-' });
  }
  return found;
};

const simplify = (ops: readonly Op[], keeps: Keeps): readonly Op[] => {
  let left = ops;
  for (let k = 0; k < left.length; k++) {
    for (let tries = 0; tries < 64; tries++) {
      const better = simpler(left[k] as Op).find((op) => keeps([...left.slice(0, k), op, ...left.slice(k + 1)]));
      if (better === undefined) break;
      left = [...left.slice(0, k), better, ...left.slice(k + 1)];
    }
  }
  return left;
};

export interface ShrinkOptions {
  /** Most traces tried. Default 3000. */
  readonly triesMax?: number;
}

const TRIES_MAX = 3000;

/** The smallest trace found that `shows` still accepts. `trace` itself must be one. */
export const shrinkTrace = (trace: Trace, shows: (trace: Trace) => boolean, options: ShrinkOptions = {}): Trace => {
  let tries = 0;
  const triesMax = options.triesMax ?? TRIES_MAX;
  const keeps = (ops: readonly Op[]): boolean => tries++ < triesMax && shows({ header: trace.header, ops });
  let ops: readonly Op[] = trace.ops;
  for (;;) {
    const less = simplify(fewer(ops, keeps), keeps);
    const done = JSON.stringify(less) === JSON.stringify(ops);
    ops = less;
    if (done || tries >= triesMax) return { header: trace.header, ops };
  }
};
