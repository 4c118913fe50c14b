/** From a trace that shows something to a small one that still shows it. */
import { PAGE_SIZE } from '../geometry.js';
import type { Op, Trace } from './types.js';

/** Drops operations that name a process, file or object which is not there, so that any subset of a trace is a trace. */
export const pruneOps = (ops: readonly Op[]): readonly Op[] => {
  const procs = new Set<string>();
  const files = new Set<string>();
  const objects = new Set<string>();
  /** vfork children, and the parents that wait for them. */
  const waiting = new Map<string, string>();
  return ops.filter((op) => {
    if (op.op === 'process') return !procs.has(op.proc) && procs.add(op.proc);
    if (op.op === 'file') return !files.has(op.file) && files.add(op.file);
    if ('file' in op && op.file !== undefined && !files.has(op.file)) return false;
    if (op.op === 'share') return !objects.has(op.object) && objects.add(op.object);
    if ('object' in op && !objects.has(op.object)) return false;
    if (!('proc' in op) || op.proc === undefined) return true;
    if (!procs.has(op.proc) || [...waiting.values()].includes(op.proc)) return false;
    if (op.op === 'exit' || op.op === 'exec') waiting.delete(op.proc);
    if (op.op === 'exit') return procs.delete(op.proc);
    if (!('child' in op)) return true;
    if (procs.has(op.child)) return false;
    if (op.op === 'vfork') waiting.set(op.child, op.proc);
    return procs.add(op.child);
  });
};

type Ops = readonly Op[];

/** Asks for each trace it yields whether that still shows it, and is told by `next`. So one search serves both callers. */
type Search = Generator<Ops, Ops, boolean>;

/** Takes away runs of operations, long runs first. @paper Zeller, Hildebrandt, "Simplifying failure-inducing input" */
function* fewer(ops: Ops): Search {
  let left = ops;
  for (let run = Math.ceil(ops.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = left.length - run; at > -run; at -= run) {
      const from = Math.max(0, at);
      const tried = pruneOps([...left.slice(0, from), ...left.slice(from + run)]);
      if (tried.length < left.length && (yield tried)) left = tried;
    }
  }
  return left;
}

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

function* simplify(ops: Ops): Search {
  let left = ops;
  for (let k = 0; k < left.length; k++) {
    for (let tries = 0; tries < 64; tries++) {
      let better: Ops | undefined;
      for (const op of simpler(left[k] as Op)) {
        const tried = [...left.slice(0, k), op, ...left.slice(k + 1)];
        if (!(yield tried)) continue;
        better = tried;
        break;
      }
      if (better === undefined) break;
      left = better;
    }
  }
  return left;
}

function* search(trace: Trace): Search {
  let ops: Ops = trace.ops;
  for (;;) {
    const less = yield* simplify(yield* fewer(ops));
    const done = JSON.stringify(less) === JSON.stringify(ops);
    ops = less;
    if (done) return ops;
  }
}

export interface ShrinkOptions {
  /** Most traces tried. Default 3000. */
  readonly triesMax?: number;
}

const TRIES_MAX = 3000;

/** The search as whole traces; once it has tried enough, every further one counts as showing nothing. */
function* shrinking(trace: Trace, options: ShrinkOptions): Generator<Trace, Trace, boolean> {
  const { header } = trace;
  const triesMax = options.triesMax ?? TRIES_MAX;
  const steps = search(trace);
  let tries = 0;
  let next = steps.next(false);
  while (!next.done) next = steps.next(tries++ < triesMax && (yield { header, ops: next.value }));
  return { header, ops: next.value };
}

/** The smallest trace found that `shows` still accepts. `trace` itself must be one. */
export const shrinkTrace = (trace: Trace, shows: (trace: Trace) => boolean, options: ShrinkOptions = {}): Trace => {
  const steps = shrinking(trace, options);
  let next = steps.next(false);
  while (!next.done) next = steps.next(shows(next.value));
  return next.value;
};

/** The same where looking takes time: on a kernel. What `shows` throws ends the search. */
export const shrinkTraceAsync = async (
  trace: Trace,
  shows: (trace: Trace) => Promise<boolean>,
  options: ShrinkOptions = {},
): Promise<Trace> => {
  const steps = shrinking(trace, options);
  let next = steps.next(false);
  while (!next.done) next = steps.next(await shows(next.value));
  return next.value;
};
