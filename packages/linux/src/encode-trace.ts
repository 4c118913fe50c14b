/** A trace as records for the runner. Names become slots here, and operations become records. */

import { ForklabError, type Op, type PinOp, type Trace, touchAddresses } from '@forklab/core';
import { recordOf, type Slots } from './records.js';
import { encodeList, encodeOp, encodeStart, NO_FILE, OP, OWN_END } from './wire.js';

/** Operations that a kernel without a patch has no call for. Each such step answers ENOSYS. */
const NOT_IN_LINUX: ReadonlySet<string> = new Set(['share', 'attach', 'detach', 'protect']);

/** Addresses of a `touch` that are sent at once. */
const LIST_PART = 8192;

export interface EncodedTrace {
  /** Made as they are sent, so that a long trace, or a `touch` of many accesses, takes no memory. */
  readonly chunks: Iterable<Uint8Array>;
  /** The process that lives in each slot, in order of creation. Complete once all chunks are sent. */
  readonly procNames: readonly string[];
  /** Line indexes of steps that are not put to the kernel. */
  readonly refused: readonly number[];
}

const checkAddress = (trace: string, line: number, op: Op): void => {
  for (const field of ['addr', 'newAddr'] as const) {
    const addr = (op as unknown as Readonly<Record<string, unknown>>)[field];
    if (typeof addr === 'number' && addr < OWN_END)
      throw new ForklabError('FL4008', { trace, line, op: op.op, field, addr, lowest: OWN_END });
  }
};

const makesProcess = ({ op }: Op): boolean => op === 'process' || op === 'fork' || op === 'vfork' || op === 'spawn';

/** Slots are given in order of creation, and never again: a name may be, once its process has exited. */
const giveSlots = (procNames: string[]): Slots => {
  const procs = new Map<string, number>();
  const files = new Map<string, number>();
  return {
    proc: (name) => procs.get(name) ?? NO_FILE,
    file: (name) => files.get(name) ?? NO_FILE,
    newProc: (name) => {
      procs.set(name, procNames.length);
      return procNames.push(name) - 1;
    },
    newFile: (name) => {
      files.set(name, files.size);
      return files.size - 1;
    },
  };
};

const listChunks = function* (op: Op & { op: 'touch' }): Generator<Uint8Array> {
  let part: number[] = [];
  for (const addr of touchAddresses(op)) {
    part.push(addr);
    if (part.length < LIST_PART) continue;
    yield encodeList(part);
    part = [];
  }
  if (part.length > 0) yield encodeList(part);
};

/** Operations whose answer depends on swap. */
const needsSwap = (op: Op): boolean => op.op === 'swapout' || (op.op === 'madvise' && op.advice === 'pageout');

/**
 * io_uring pins for writing and for long, and a pipe holds what it was given to read; the kernel offers user space
 * nothing else that stays.
 */
const staysOnLinux = (op: PinOp): boolean =>
  op.how === 'get' ? !op.write : (op.write ?? false) && (op.longterm ?? false);

const isRefused = (op: Op, swap: boolean): boolean =>
  NOT_IN_LINUX.has(op.op) || (op.op === 'pin' && !staysOnLinux(op)) || (!swap && needsSwap(op));

/** So many steps are done together at most. @see native/runner.c */
const SWAPOUTS_MAX = 64;

/** How many steps of `swapout` follow the one at `k`, `before` of which are waiting, and are done together with it. */
const swapoutsAfter = (ops: readonly Op[], k: number, before: number): number => {
  let next = k + 1;
  while (ops[next]?.op === 'swapout' && next - k + before < SWAPOUTS_MAX) next++;
  return next - k - 1;
};

/**
 * `swap`: the host can have a swap device.
 * @throws ForklabError FL4008 when an operation names an address that the subject needs for itself.
 */
export const encodeTrace = (trace: Trace, timeoutMs: number, swap: boolean): EncodedTrace => {
  const refused: number[] = [];
  let procs = 0;
  let files = 0;
  trace.ops.forEach((op, k) => {
    checkAddress(trace.header.name, k + 1, op);
    if (isRefused(op, swap)) refused.push(k + 1);
    if (makesProcess(op)) procs++;
    if (op.op === 'file') files++;
  });
  const procNames: string[] = [];
  const chunks = function* (): Generator<Uint8Array> {
    const slots = giveSlots(procNames);
    const thp = trace.header.thp !== undefined && trace.header.thp !== 'never';
    yield encodeStart(procs, files, timeoutMs, thp, swap && trace.ops.some(needsSwap));
    let waiting = 0;
    for (const [k, op] of trace.ops.entries()) {
      const record = isRefused(op, swap) ? undefined : recordOf(op, slots);
      if (record === undefined) continue;
      const more = op.op === 'swapout' ? swapoutsAfter(trace.ops, k, waiting) : 0;
      waiting = more > 0 ? waiting + 1 : 0;
      yield encodeOp({ ...record, index: k + 1, ...(more > 0 && { number: more }) });
      if (op.op === 'touch') yield* listChunks(op);
    }
    yield encodeOp({ kind: OP.end, index: trace.ops.length });
  };
  return { chunks: chunks(), procNames, refused };
};
