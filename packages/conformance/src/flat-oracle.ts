/**
 * The flat oracle: what every strategy must answer, from a model so simple that it can be believed.
 *
 * A process is a sorted list of VMAs and a map from page to the word stored there; fork copies both. There are no page
 * tables, no frames, no sharing, no faults and no costs, so nothing that a strategy does to tables can be wrong here in
 * the same way. It answers results and digests, which must be equal under every strategy, and nothing else.
 */
import {
  DEFAULT_STRIDE,
  DEFAULT_VALUE,
  type DigestOp,
  type Geometry,
  type Op,
  type Outcome,
  PAGE_SIZE,
  type TouchOp,
  touchAddresses,
  X86_64,
} from '@forklab/core';
import { brk } from './oracle/heap.js';
import { madvise, mlock, munlock } from './oracle/madvise.js';
import { mmap, mprotect, munmap } from './oracle/map.js';
import { dropGuards, dropPages, forkPages, load, readWord, store, truncate } from './oracle/memory.js';
import { mremap } from './oracle/mremap.js';
import { peek, pin, releasePins, unpin } from './oracle/pin.js';
import { emptyProc, FLAG, type FlatFile, type FlatProc } from './oracle/types.js';
import { uffdRegister, uffdUnregister, uffdWriteprotect } from './oracle/uffd.js';
import { forkVmas } from './oracle/vmas.js';

export type { FlatAnon, FlatFile, FlatProc, FlatVma } from './oracle/types.js';

/** One step's answer. `ENOSYS`: the oracle does not model the operation and has done nothing. */
export interface OracleAnswer {
  readonly result: Outcome;
  readonly digest?: number;
  /** Events of write protection, left out when there were none; null where they are not known. */
  readonly uffd?: number | null;
}

export interface Oracle {
  /** Live processes in order of creation. Read only: change them by `step`. */
  readonly procs: ReadonlyMap<string, FlatProc>;
  readonly files: ReadonlyMap<string, FlatFile>;
  /** Does the operation and answers it; null for `process`, `sample` and `ptdump`, which have no result. */
  step(op: Op): OracleAnswer | null;
}

/** The child has the very memory of its parent, which waits. */
const vfork = (parent: FlatProc, name: string): FlatProc => {
  parent.waitsFor = name;
  return { ...parent, name, pins: [], waitsFor: null };
};

const fork = (parent: FlatProc, name: string): FlatProc => {
  const { vmas, guards, uffd } = parent;
  const child: FlatProc = {
    ...emptyProc(name, parent.geometry),
    vmas: forkVmas(vmas),
    guards: new Set(guards),
    heap: { ...parent.heap },
  };
  for (const page of uffd.zeroes) child.uffd.zeroes.add(page);
  for (const { start, end, flags, anon } of vmas) {
    const left = flags & (FLAG.dontfork | FLAG.wipeonfork);
    if (left) dropGuards(child, start, end);
    // Without either, nothing of the VMA is copied, since faults can bring it back.
    if (left || (anon === null && !(flags & FLAG.maybeGuard))) dropPages(child, start, end);
    else forkPages(parent, child, start, end);
  }
  return child;
};

/** Up to the first access that faults; those before it stay done. */
const accesses = (length: number, stride: number, access: (offset: number) => Outcome): Outcome => {
  for (let offset = 0; offset < length; offset += stride) {
    const answer = access(offset);
    if (answer !== 0) return answer;
  }
  return 0;
};

const touch = (proc: FlatProc, op: TouchOp): Outcome => {
  for (const addr of touchAddresses(op)) {
    const answer = op.write ? store(proc, addr, op.value ?? DEFAULT_VALUE) : load(proc, addr);
    if (answer !== 0) return answer;
  }
  return 0;
};

const digest = (proc: FlatProc, op: DigestOp): OracleAnswer => {
  let hash = 2166136261;
  for (let addr = op.addr; addr < op.addr + op.length; addr += PAGE_SIZE) {
    const found = readWord(proc, addr);
    if (typeof found === 'string') return { result: found };
    hash = Math.imul(hash ^ found.word, 16777619) >>> 0;
  }
  return { result: 0, digest: hash };
};

const UNMODELLED: OracleAnswer = { result: 'ENOSYS' };

const named = <T>(all: ReadonlyMap<string, T>, name: string): T => {
  const it = all.get(name);
  if (it === undefined) throw new Error(`the oracle knows no ${JSON.stringify(name)}: the trace is not a valid one`);
  return it;
};

/** Operations of one process on its own memory. */
type MemoryOp = Extract<
  Op,
  {
    op:
      | 'munmap'
      | 'brk'
      | 'mprotect'
      | 'mremap'
      | 'madvise'
      | 'mlock'
      | 'munlock'
      | 'read'
      | 'write'
      | 'touch'
      | 'pin'
      | 'unpin'
      | 'uffd_register'
      | 'uffd_unregister'
      | 'uffd_writeprotect';
  }
>;

const memoryStep = (proc: FlatProc, op: MemoryOp, taskSize: number): Outcome => {
  switch (op.op) {
    case 'brk':
      return brk(proc, op);
    case 'munmap':
      return munmap(proc, op, taskSize);
    case 'mprotect':
      return mprotect(proc, op);
    case 'mremap':
      return mremap(proc, op, taskSize);
    case 'madvise':
      return madvise(proc, op);
    case 'mlock':
      return mlock(proc, op);
    case 'munlock':
      return munlock(proc, op);
    case 'read':
      return accesses(op.length, op.stride ?? DEFAULT_STRIDE, (at) => load(proc, op.addr + at));
    case 'write':
      return accesses(op.length, op.stride ?? DEFAULT_STRIDE, (at) =>
        store(proc, op.addr + at, op.value ?? DEFAULT_VALUE),
      );
    case 'touch':
      return touch(proc, op);
    case 'pin':
      return pin(proc, op);
    case 'unpin':
      return unpin(proc, op);
    case 'uffd_register':
      return uffdRegister(proc, op, taskSize);
    case 'uffd_unregister':
      return uffdUnregister(proc, op, taskSize);
    case 'uffd_writeprotect':
      return uffdWriteprotect(proc, op, taskSize);
  }
};

/** A fresh oracle. It throws an Error when an operation names an unknown process or file: that is no trace. */
export const createOracle = (geometry: Geometry = X86_64): Oracle => {
  const procs = new Map<string, FlatProc>();
  const files = new Map<string, FlatFile>();
  const { taskSize } = geometry;

  const release = (child: string): void => {
    for (const proc of procs.values()) if (proc.waitsFor === child) proc.waitsFor = null;
  };

  const answer = (op: Op): OracleAnswer | null => {
    switch (op.op) {
      case 'process':
        procs.set(op.proc, emptyProc(op.proc, geometry));
        return null;
      case 'sample':
      case 'ptdump':
        return null;
      case 'file':
        files.set(op.file, { name: op.file, size: op.size, pages: new Map() });
        return { result: 0 };
      case 'swapout':
        named(procs, op.proc);
        return { result: 0 };
      case 'truncate':
        truncate(procs.values(), named(files, op.file), op.size);
        return { result: 0 };
      case 'fork':
        procs.set(op.child, fork(named(procs, op.proc), op.child));
        return { result: 0 };
      case 'vfork':
        procs.set(op.child, vfork(named(procs, op.proc), op.child));
        return { result: 0 };
      case 'spawn':
        named(procs, op.proc);
        procs.set(op.child, emptyProc(op.child, geometry));
        return { result: 0 };
      case 'exec':
        releasePins(named(procs, op.proc));
        procs.set(op.proc, emptyProc(op.proc, geometry));
        release(op.proc);
        return { result: 0 };
      case 'exit':
        releasePins(named(procs, op.proc));
        procs.delete(op.proc);
        release(op.proc);
        return { result: 0 };
      case 'mmap': {
        const file = op.file === undefined ? null : named(files, op.file);
        return { result: mmap(named(procs, op.proc), op, file, taskSize) };
      }
      case 'peek':
        return peek(named(procs, op.proc), op);
      case 'digest':
        return digest(named(procs, op.proc), op);
      case 'share':
      case 'attach':
      case 'detach':
      case 'protect':
        return UNMODELLED;
      default:
        return { result: memoryStep(named(procs, op.proc), op, taskSize) };
    }
  };
  const step = (op: Op): OracleAnswer | null => {
    const proc = 'proc' in op && op.proc !== undefined ? procs.get(op.proc) : undefined;
    const before = proc?.uffd.events ?? 0;
    const answered = answer(op);
    if (answered === null || !proc) return answered;
    if (!proc.uffd.known) return { ...answered, uffd: null };
    const uffd = proc.uffd.events - before;
    return uffd > 0 ? { ...answered, uffd } : answered;
  };
  return { procs, files, step };
};
