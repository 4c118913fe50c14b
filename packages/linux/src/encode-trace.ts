/** A trace as records for the runner. Names become slots here, and words become the numbers of Linux on x86-64. */

import { type Advice, ForklabError, type MmapFlag, type MmapOp, type Op, type Prot, type Trace } from '@forklab/core';
import { encodeOp, encodeStart, NO_FILE, OP, OWN_END, type WireOp } from './wire.js';

const SYSCALL = { mprotect: 10, munmap: 11, mremap: 25, madvise: 28, mlock: 149, munlock: 150 } as const;

const ADVICE: Readonly<Record<Advice, number>> = {
  normal: 0,
  dontneed: 4,
  free: 8,
  dontfork: 10,
  dofork: 11,
  mergeable: 12,
  unmergeable: 13,
  hugepage: 14,
  nohugepage: 15,
  wipeonfork: 18,
  keeponfork: 19,
  cold: 20,
  pageout: 21,
  populate_read: 22,
  populate_write: 23,
};

const MAP: Readonly<Record<MmapFlag, number>> = {
  shared: 0x1,
  private: 0x2,
  fixed: 0x10,
  anonymous: 0x20,
  growsdown: 0x100,
  noreserve: 0x4000,
  populate: 0x8000,
  hugetlb: 0x40000,
};
const MAP_FIXED_NOREPLACE = 0x100000;
const MREMAP_MAYMOVE_FIXED = 3;
const PAGE = 4096;

/** Operations that a kernel without a patch has no call for. Each such step answers ENOSYS. */
const NOT_IN_LINUX: ReadonlySet<string> = new Set(['share', 'attach', 'detach', 'protect', 'swapout', 'touch']);

export interface EncodedTrace {
  readonly chunks: readonly Uint8Array[];
  /** The process that lives in each slot. */
  readonly procNames: readonly string[];
  /** Line indexes of steps that are not put to the kernel. */
  readonly refused: ReadonlySet<number>;
}

const protBits = (prot: Prot): number =>
  (prot[0] === 'r' ? 1 : 0) + (prot[1] === 'w' ? 2 : 0) + (prot[2] === 'x' ? 4 : 0);

const mapBits = (flags: readonly MmapFlag[]): number =>
  flags.reduce((bits, flag) => bits | MAP[flag], flags.includes('fixed') ? 0 : MAP_FIXED_NOREPLACE);

/** How many accesses a loop makes. */
const accesses = (length: number, stride: number): number => Math.ceil(length / stride);

const checkAddress = (trace: string, line: number, op: Op): void => {
  for (const field of ['addr', 'newAddr'] as const) {
    const addr = (op as { readonly [key: string]: unknown })[field];
    if (typeof addr === 'number' && addr < OWN_END)
      throw new ForklabError('FL4008', { trace, line, op: op.op, field, addr, lowest: OWN_END });
  }
};

/** One walk over the operations, with the slots given so far. */
const slotKeeper = () => {
  const procs = new Map<string, number>();
  const files = new Map<string, number>();
  const procNames: string[] = [];
  return {
    procNames,
    files,
    proc: (name: string): number => procs.get(name) ?? NO_FILE,
    file: (name: string): number => files.get(name) ?? NO_FILE,
    newProc: (name: string): number => {
      procs.set(name, procNames.length);
      return procNames.push(name) - 1;
    },
    newFile: (name: string): number => {
      files.set(name, files.size);
      return files.size - 1;
    },
  };
};
type Slots = ReturnType<typeof slotKeeper>;

type Record_ = Omit<WireOp, 'index'>;

const mmapRecord = (op: MmapOp, slots: Slots): Record_ => ({
  kind: OP.mmap,
  proc: slots.proc(op.proc),
  number: op.file === undefined || op.flags.includes('anonymous') ? NO_FILE : slots.file(op.file),
  args: [op.addr, op.length, protBits(op.prot), mapBits(op.flags), 0, op.offset ?? 0],
});

const syscallRecord = (op: Op, slots: Slots): Record_ | undefined => {
  const call = (proc: string, number: number, ...args: number[]): Record_ => ({
    kind: OP.syscall,
    proc: slots.proc(proc),
    number,
    args,
  });
  switch (op.op) {
    case 'munmap':
    case 'mlock':
    case 'munlock':
      return call(op.proc, SYSCALL[op.op], op.addr, op.length);
    case 'mprotect':
      return call(op.proc, SYSCALL.mprotect, op.addr, op.length, protBits(op.prot));
    case 'madvise':
      return call(op.proc, SYSCALL.madvise, op.addr, op.length, ADVICE[op.advice]);
    case 'mremap':
      return op.newAddr === undefined
        ? call(op.proc, SYSCALL.mremap, op.addr, op.oldLength, op.newLength)
        : call(op.proc, SYSCALL.mremap, op.addr, op.oldLength, op.newLength, MREMAP_MAYMOVE_FIXED, op.newAddr);
    default:
      return undefined;
  }
};

const accessRecord = (op: Op, slots: Slots): Record_ | undefined => {
  switch (op.op) {
    case 'read':
    case 'write': {
      const stride = op.stride ?? PAGE;
      const value = op.op === 'write' ? (op.value ?? 1) : 0;
      const args = [op.addr, accesses(op.length, stride), stride, value];
      return { kind: OP[op.op], proc: slots.proc(op.proc), args };
    }
    case 'digest': {
      const start = op.addr - (op.addr % PAGE);
      return { kind: OP.digest, proc: slots.proc(op.proc), args: [start, accesses(op.addr + op.length - start, PAGE), PAGE] };
    }
    case 'touch': {
      const kind = op.write ? OP.writeList : OP.readList;
      return { kind, proc: slots.proc(op.proc), args: [op.count, 0, 0, op.write ? (op.value ?? 1) : 0] };
    }
    default:
      return undefined;
  }
};

const processRecord = (op: Op, slots: Slots): Record_ | undefined => {
  switch (op.op) {
    case 'process':
      return { kind: OP.process, proc: slots.newProc(op.proc) };
    case 'fork':
    case 'vfork':
      return { kind: OP[op.op], proc: slots.proc(op.proc), number: slots.newProc(op.child) };
    case 'spawn':
      return { kind: OP.process, proc: slots.newProc(op.child), number: 1 };
    case 'exec':
    case 'exit':
      return { kind: OP[op.op], proc: slots.proc(op.proc) };
    case 'brk':
      return { kind: OP.brk, proc: slots.proc(op.proc), args: [op.addr] };
    case 'pin':
    case 'unpin':
      return { kind: OP[op.op], proc: slots.proc(op.proc), args: [op.addr, op.length] };
    case 'file':
      return { kind: OP.file, number: slots.newFile(op.file), args: [op.size] };
    case 'truncate':
      return { kind: OP.truncate, number: slots.file(op.file), args: [op.size] };
    case 'sample':
      return { kind: OP.sample };
    default:
      return undefined;
  }
};

const recordOf = (op: Op, slots: Slots): Record_ | undefined =>
  op.op === 'mmap'
    ? mmapRecord(op, slots)
    : (syscallRecord(op, slots) ?? accessRecord(op, slots) ?? processRecord(op, slots));

/** io_uring pins for writing and for long; the kernel offers user space no other pin that stays. */
const isRefused = (op: Op): boolean =>
  NOT_IN_LINUX.has(op.op) || (op.op === 'pin' && !(op.write && op.longterm));

/** @throws ForklabError FL4008 when an operation names an address that the subject needs for itself. */
export const encodeTrace = (trace: Trace, timeoutMs: number): EncodedTrace => {
  const slots = slotKeeper();
  const chunks: Uint8Array[] = [];
  const refused = new Set<number>();
  trace.ops.forEach((op, k) => {
    const index = k + 1;
    checkAddress(trace.header.name, index, op);
    if (isRefused(op)) refused.add(index);
    else if (op.op !== 'ptdump') {
      chunks.push(encodeOp({ ...recordOf(op, slots)!, index }));
    }
  });
  chunks.push(encodeOp({ kind: OP.end, index: trace.ops.length }));
  chunks.unshift(encodeStart(slots.procNames.length, slots.files.size, timeoutMs));
  return { chunks, procNames: slots.procNames, refused };
};
