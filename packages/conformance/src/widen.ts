/** A trace of the tiny geometry, made into one of x86-64 that does the same at the borders of tables 128 times as long. */
import { type Op, PAGE_SIZE, TINY, type Trace, X86_64 } from '@forklab/core';
import { baseOf } from './layout.js';

/** A tiny table's entries: the first three are the first three of a large one, the last is its last. */
const DIGIT = [0, 1, 2, X86_64.entries - 1] as const;

/** The page of x86-64 that stands for a page of the tiny address space, counted from where the kit's traces begin. */
const pageOf = (page: number): number => {
  let left = page;
  let out = 0;
  let weight = 1;
  for (let level = 0; level < 4; level++) {
    out += (DIGIT[left % TINY.entries] as number) * weight;
    left = Math.floor(left / TINY.entries);
    weight *= X86_64.entries;
  }
  return out;
};

/** Bytes within a page stay. */
const bytesOf = (bytes: number): number => pageOf(Math.floor(bytes / PAGE_SIZE)) * PAGE_SIZE + (bytes % PAGE_SIZE);

const addressOf = (addr: number): number => {
  const offset = addr - baseOf(TINY);
  return offset < 0 ? addr : baseOf(X86_64) + bytesOf(offset);
};

/** From the place that stands for the start to the one that stands for the end. */
const lengthAt = (addr: number, length: number): number => addressOf(addr + length) - addressOf(addr);

const widenOp = (op: Op): Op => {
  if (op.op === 'mremap') {
    const addr = addressOf(op.addr);
    const oldLength = lengthAt(op.addr, op.oldLength);
    const to = op.newAddr ?? op.addr;
    const newLength = op.newLength === op.oldLength ? oldLength : lengthAt(to, op.newLength);
    return { ...op, addr, oldLength, newLength, ...(op.newAddr !== undefined && { newAddr: addressOf(op.newAddr) }) };
  }
  const wide: Record<string, unknown> = { ...op };
  if ('addr' in op) wide.addr = addressOf(op.addr);
  if ('addr' in op && 'length' in op) wide.length = lengthAt(op.addr, op.length);
  if ('size' in op) wide.size = bytesOf(op.size);
  if ('offset' in op && op.offset !== undefined) wide.offset = bytesOf(op.offset);
  return wide as unknown as Op;
};

/**
 * Whether the wide trace shows what the tiny one shows has to be tried: a range that crosses the middle of a tiny table
 * becomes a long one, and a move between places that are not congruent becomes another move.
 */
export const widen = (trace: Trace): Trace => ({
  header: { ...trace.header, name: trace.header.name.replace(TINY.name, X86_64.name) },
  ops: trace.ops.map(widenOp),
});
