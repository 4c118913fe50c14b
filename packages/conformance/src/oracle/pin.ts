/** get_user_pages: what it makes private, what it refuses, and what whoever holds the pages sees. @kernel 6.18 mm/gup.c */
import { type Outcome, PAGE_SIZE, type PeekOp, type PinOp, type UnpinOp } from '@forklab/core';
import { fault, gupMay, makeUsable, pageAt } from './memory.js';
import type { FlatPage, FlatPin, FlatProc } from './types.js';
import { vmaAt, vmasIn } from './vmas.js';

/**
 * A walk without locks reads what is mapped, though the VMA may not be read. What is mapped is nothing that a flat model
 * knows.
 */
const undecided = (proc: FlatProc, { addr, length, how, write }: PinOp): boolean =>
  (how === 'fast' || how === 'get') &&
  !write &&
  vmasIn(proc, addr, addr + length).some(({ prot }) => prot[0] === '-' && prot !== '---');

/**
 * A pin for writing copies a private page as a store would; a pin for reading makes it the process's own, too, so that no
 * later store can part the pinner from it. A plain reference does neither. @kernel gup_must_unshare()
 */
const hold = (proc: FlatProc, op: PinOp, pages: FlatPage[]): Outcome => {
  const write = op.write ?? false;
  for (let addr = op.addr - (op.addr % PAGE_SIZE); addr < op.addr + op.length; addr += PAGE_SIZE) {
    const vma = vmaAt(proc, addr);
    if (vma === undefined || !gupMay(vma, write)) return 'EFAULT';
    const page = addr / PAGE_SIZE;
    const own = !vma.shared && op.how !== 'get' && ((op.longterm ?? false) || proc.pages.has(page));
    // Unsharing is no write, and no userfaultfd is told of it.
    if (own && !write ? makeUsable(proc, vma, page, true) : fault(proc, vma, page, write)) return 'EFAULT';
    const found = pageAt(proc, vma, page);
    if (op.how !== 'get') found.pins++;
    pages.push(found);
  }
  return 0;
};

const letGo = ({ get, pages }: FlatPin): void => {
  if (!get) for (const page of pages) page.pins--;
};

export const pin = (proc: FlatProc, op: PinOp): Outcome => {
  if (op.length === 0) return 'EFAULT';
  if (undecided(proc, op)) return 'ENOSYS';
  const taken: FlatPin & { readonly pages: FlatPage[] } = {
    addr: op.addr,
    length: op.length,
    get: op.how === 'get',
    pages: [],
  };
  const answer = hold(proc, op, taken.pages);
  if (answer === 0) proc.pins.push(taken);
  else letGo(taken);
  return answer;
};

/** The latest of this very range. */
const heldAt = (proc: FlatProc, op: UnpinOp | PeekOp): number =>
  proc.pins.findLastIndex(({ addr, length }) => addr === op.addr && length === op.length);

export const unpin = (proc: FlatProc, op: UnpinOp): Outcome => {
  const i = heldAt(proc, op);
  if (i < 0) return 'EINVAL';
  letGo(proc.pins.splice(i, 1)[0] as FlatPin);
  return 0;
};

export const peek = (proc: FlatProc, op: PeekOp): { readonly result: Outcome; readonly digest?: number } => {
  const held = proc.pins[heldAt(proc, op)];
  if (held === undefined) return { result: 'EINVAL' };
  return { result: 0, digest: held.pages.reduce((h, { word }) => Math.imul(h ^ word, 16777619) >>> 0, 2166136261) };
};

/** All that a process holds goes with it. */
export const releasePins = (proc: FlatProc): void => {
  for (const held of proc.pins.splice(0)) letGo(held);
};
