/** What each operation is called in Linux on x86-64: numbers of calls, flags and advices, and how many accesses. */

import {
  type Advice,
  DEFAULT_STRIDE,
  DEFAULT_VALUE,
  type MmapFlag,
  type MmapOp,
  type Op,
  type Prot,
  type TouchOp,
} from '@forklab/core';
import { NO_FILE, OP, PIN_HOW, UFFD, UFFD_MODE, type WireOp } from './wire.js';

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
  guard_install: 102,
  guard_remove: 103,
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

/** Names to slots. */
export interface Slots {
  readonly proc: (name: string) => number;
  readonly file: (name: string) => number;
  readonly newProc: (name: string) => number;
  readonly newFile: (name: string) => number;
}

type OpRecord = Omit<WireOp, 'index'>;

const protBits = (prot: Prot): number =>
  (prot[0] === 'r' ? 1 : 0) + (prot[1] === 'w' ? 2 : 0) + (prot[2] === 'x' ? 4 : 0);

const mapBits = (flags: readonly MmapFlag[]): number =>
  flags.reduce((bits, flag) => bits | MAP[flag], flags.includes('fixed') ? 0 : MAP_FIXED_NOREPLACE);

const mmapRecord = (op: MmapOp, slots: Slots): OpRecord => ({
  kind: OP.mmap,
  proc: slots.proc(op.proc),
  number: op.file === undefined || op.flags.includes('anonymous') ? NO_FILE : slots.file(op.file),
  args: [op.addr, op.length, protBits(op.prot), mapBits(op.flags), 0, op.offset ?? 0],
});

const touchRecord = (op: TouchOp, proc: number): OpRecord => {
  // Nothing is touched in less than a page. @see touchAddresses
  const count = op.length < PAGE ? 0 : op.count;
  return { kind: op.write ? OP.writeList : OP.readList, proc, args: [count, 0, 0, op.value ?? DEFAULT_VALUE] };
};

/** An operation on memory, by a system call or by accesses. */
const memoryRecord = (op: Op, slots: Slots): OpRecord | undefined => {
  if (!('addr' in op)) return undefined;
  const proc = slots.proc(op.proc);
  const call = (number: number, ...args: number[]): OpRecord => ({ kind: OP.syscall, proc, number, args });
  const accesses = (kind: number, stride: number, value: number): OpRecord => {
    const range = op as { readonly addr: number; readonly length: number };
    const { length } = range;
    // What a digest reads is the words at page starts, wherever in its page it begins.
    const addr = kind === OP.digest ? range.addr - (range.addr % PAGE) : range.addr;
    return { kind, proc, args: [addr, Math.ceil(length / stride), stride, value] };
  };
  switch (op.op) {
    case 'mmap':
      return mmapRecord(op, slots);
    case 'munmap':
    case 'mlock':
    case 'munlock':
      return call(SYSCALL[op.op], op.addr, op.length);
    case 'mprotect':
      return call(SYSCALL.mprotect, op.addr, op.length, protBits(op.prot));
    case 'madvise':
      return call(SYSCALL.madvise, op.addr, op.length, ADVICE[op.advice]);
    case 'mremap':
      return op.newAddr === undefined
        ? call(SYSCALL.mremap, op.addr, op.oldLength, op.newLength)
        : call(SYSCALL.mremap, op.addr, op.oldLength, op.newLength, MREMAP_MAYMOVE_FIXED, op.newAddr);
    case 'read':
      return accesses(OP.read, op.stride ?? DEFAULT_STRIDE, 0);
    case 'write':
      return accesses(OP.write, op.stride ?? DEFAULT_STRIDE, op.value ?? DEFAULT_VALUE);
    case 'digest':
      return accesses(OP.digest, PAGE, 0);
    case 'touch':
      return touchRecord(op, proc);
    case 'swapout':
      return { kind: OP.swapout, proc, args: [op.addr, op.length] };
    case 'brk':
      return { kind: OP.brk, proc, args: [op.addr] };
    case 'uffd_register':
    case 'uffd_unregister':
      return {
        kind: OP.uffd,
        proc,
        number: UFFD_MODE[op.mode],
        args: [op.op === 'uffd_register' ? UFFD.register : UFFD.unregister, op.addr, op.length],
      };
    case 'uffd_writeprotect':
      // Any userfaultfd of the process would do: the kernel asks the VMA alone.
      return { kind: OP.uffd, proc, number: 0, args: [UFFD.writeprotect, op.addr, op.length, op.protect ? 1 : 0] };
    case 'pin': {
      const number = op.how === 'get' ? PIN_HOW.get : PIN_HOW.buffer;
      return { kind: OP.pin, proc, number, args: [op.addr, op.length] };
    }
    case 'peek':
    case 'unpin':
      return { kind: OP[op.op], proc, args: [op.addr, op.length] };
    default:
      return undefined;
  }
};

/** An operation on processes or files. */
const otherRecord = (op: Op, slots: Slots): OpRecord | undefined => {
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

/** The record of an operation; undefined for one that the kernel has no call for. Gives slots to what it creates. */
export const recordOf = (op: Op, slots: Slots): OpRecord | undefined =>
  memoryRecord(op, slots) ?? otherRecord(op, slots);
