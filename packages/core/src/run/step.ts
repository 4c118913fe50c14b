/** One operation of a trace, carried out on a machine. */
import { W, Y } from '../counters.js';
import type { Machine } from '../machine.js';
import { Accessor, access } from '../ops/access.js';
import { brk } from '../ops/brk.js';
import { exec, exit } from '../ops/exit.js';
import { createFile, truncate } from '../ops/file.js';
import { fork } from '../ops/fork.js';
import { MODELLED_ADVICE, type ModelledAdvice, madvise } from '../ops/madvise.js';
import { mlock, munlock } from '../ops/mlock.js';
import { mmap } from '../ops/mmap.js';
import { mprotect } from '../ops/mprotect.js';
import { mremap } from '../ops/mremap.js';
import { munmap } from '../ops/munmap.js';
import { peek, pin, unpin } from '../ops/pin.js';
import { swapout } from '../ops/reclaim.js';
import { spawn, vfork } from '../ops/spawn.js';
import { uffdRegister, uffdUnregister, uffdWriteprotect } from '../ops/uffd.js';
import type { Space } from '../space.js';
import { DEFAULT_STRIDE, DEFAULT_VALUE, type MmapOp, type Op, type StepResult, type TouchOp } from '../trace/index.js';
import type { ShareTable } from './share-objects.js';
import { touchAddresses } from './touch-pattern.js';

/** What a step answers besides its place in the trace. */
type Answer = Pick<StepResult, 'result' | 'minflt' | 'majflt' | 'digest'>;

/** What steps share. */
export interface StepContext {
  readonly m: Machine;
  readonly shares: ShareTable;
  /** Notes an operation that the machine does not model; the step answers ENOSYS. */
  readonly unmodelled: (what: string) => void;
}

/** Flags of mmap that this machine does not model. Their steps answer ENOSYS and are counted. */
export const UNMODELLED_MMAP_FLAGS = ['hugetlb'] as const;

const accessAnswer = (end: string, minflt: number, majflt: number): Answer => {
  if (end !== 'ok') return { result: end };
  return majflt > 0 ? { result: 0, minflt, majflt } : { result: 0, minflt };
};

const touch = (m: Machine, space: Space, op: TouchOp): Answer => {
  const memory = new Accessor(m, space);
  const { minflt, majflt } = space;
  const value = op.value ?? DEFAULT_VALUE;
  for (const addr of touchAddresses(op)) {
    if (op.write ? !memory.store(addr, value) : memory.translate(addr, false) === 0) break;
  }
  return accessAnswer(memory.end, space.minflt - minflt, space.majflt - majflt);
};

const doMmap = ({ m, unmodelled }: StepContext, op: MmapOp): Answer => {
  const has = (flag: MmapOp['flags'][number]) => op.flags.includes(flag);
  for (const flag of UNMODELLED_MMAP_FLAGS) {
    if (!has(flag)) continue;
    unmodelled(`mmap ${flag}`);
    return { result: 'ENOSYS' };
  }
  const file = has('anonymous') || op.file === undefined ? null : m.files.get(op.file)!;
  if (file === null && !has('anonymous')) return { result: 'EBADF' };
  const result = mmap(m, m.proc(op.proc), {
    addr: op.addr,
    length: op.length,
    prot: op.prot,
    shared: has('shared'),
    fixed: has('fixed'),
    populate: has('populate'),
    noreserve: has('noreserve'),
    growsdown: has('growsdown'),
    file,
    offset: op.offset ?? 0,
  });
  return { result };
};

/** Operations on a range that load, store or pin. */
const accessOp = (m: Machine, op: Op & { op: 'read' | 'write' | 'digest' }): Answer => {
  const { addr, length } = op;
  const space = m.proc(op.proc);
  const write = op.op === 'write';
  const stride = op.op === 'digest' ? DEFAULT_STRIDE : (op.stride ?? DEFAULT_STRIDE);
  const value = op.op === 'write' ? (op.value ?? DEFAULT_VALUE) : 0;
  const done = access(m, space, { addr, length, stride, write, value, digest: op.op === 'digest' });
  const answer = accessAnswer(done.end, done.minflt, done.majflt);
  return op.op === 'digest' && done.end === 'ok' ? { ...answer, digest: done.digest } : answer;
};

const startProcess = (m: Machine, name: string): Answer => {
  const space = m.newSpace(name, 'mm');
  if (space === null) {
    m.counters.add(W.ooms, Y.setup, 1);
    return { result: 'ENOMEM' };
  }
  m.procs.set(name, space);
  return { result: 0 };
};

/** Carries out one operation. `sample` and `ptdump` are the runner's. */
export const step = (c: StepContext, op: Exclude<Op, { op: 'sample' | 'ptdump' }>): Answer => {
  const { m } = c;
  switch (op.op) {
    case 'process':
      return startProcess(m, op.proc);
    case 'file':
      return { result: createFile(m, op.file, op.size) };
    case 'truncate':
      return { result: truncate(m, m.files.get(op.file)!, op.size) };
    case 'mmap':
      return doMmap(c, op);
    case 'munmap':
      return { result: munmap(m, m.proc(op.proc), op.addr, op.length) };
    case 'mprotect':
      return { result: mprotect(m, m.proc(op.proc), op.addr, op.length, op.prot) };
    case 'mremap':
      return { result: mremap(m, m.proc(op.proc), { ...op, newAddr: op.newAddr ?? null }) };
    case 'madvise': {
      if (!(MODELLED_ADVICE as readonly string[]).includes(op.advice)) return notModelled(c, `madvise ${op.advice}`);
      const result = madvise(m, m.proc(op.proc), op.addr, op.length, op.advice as ModelledAdvice);
      return result === 'ENOSYS' ? notModelled(c, `madvise ${op.advice} here`) : { result };
    }
    case 'brk':
      return { result: brk(m, m.proc(op.proc), op.addr) };
    case 'mlock':
      return { result: mlock(m, m.proc(op.proc), op.addr, op.length) };
    case 'munlock':
      return { result: munlock(m, m.proc(op.proc), op.addr, op.length) };
    case 'read':
    case 'write':
    case 'digest':
      return accessOp(m, op);
    case 'touch':
      return touch(m, m.proc(op.proc), op);
    case 'fork':
      return { result: fork(m, m.proc(op.proc), op.child, op.flags ?? []) };
    case 'vfork':
      return { result: vfork(m, op.proc, op.child) };
    case 'spawn':
      return { result: spawn(m, op.child) };
    case 'exec':
      return { result: exec(m, op.proc) };
    case 'exit':
      exit(m, op.proc);
      return { result: 0 };
    case 'pin':
      return { result: pin(m, op) };
    case 'unpin':
      return { result: unpin(m, op) };
    case 'peek':
      return peek(m, op);
    case 'uffd_register':
      return { result: uffdRegister(m, m.proc(op.proc), op.addr, op.length, op.mode) };
    case 'uffd_unregister':
      return { result: uffdUnregister(m, m.proc(op.proc), op.addr, op.length, op.mode) };
    case 'uffd_writeprotect':
      return { result: uffdWriteprotect(m, m.proc(op.proc), op.addr, op.length, op.protect) };
    case 'share':
    case 'attach':
    case 'detach':
    case 'protect':
      return c.shares.step(c, op);
    case 'swapout': {
      const result = swapout(m, m.proc(op.proc), op.addr, op.length);
      return result === 'ENOSYS' ? notModelled(c, 'swapout of huge pages') : { result };
    }
    default:
      return op satisfies never;
  }
};

export const notModelled = ({ unmodelled }: StepContext, what: string): Answer => {
  unmodelled(what);
  return { result: 'ENOSYS' };
};
