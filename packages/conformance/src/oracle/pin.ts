/** get_user_pages with FOLL_PIN: what it makes private, and what it refuses. @kernel 6.18 mm/gup.c */
import { type Outcome, PAGE_SIZE, type PinOp, type UnpinOp } from '@forklab/core';
import { fault, gupMay, makeUsable } from './memory.js';
import type { FlatProc } from './types.js';
import { vmaAt } from './vmas.js';

/**
 * A pin for writing copies a private page as a store would; a long-term pin for reading does, too, so that no later
 * store can part the pinner from its page. @kernel gup_must_unshare()
 */
export const pin = (proc: FlatProc, op: PinOp): Outcome => {
  const write = op.write ?? false;
  for (let addr = op.addr - (op.addr % PAGE_SIZE); addr < op.addr + op.length; addr += PAGE_SIZE) {
    const vma = vmaAt(proc, addr);
    if (vma === undefined || !gupMay(vma, write)) return 'EFAULT';
    // Unsharing is no write, and no userfaultfd is told of it.
    const unshares = !write && !vma.shared && (op.longterm ?? false);
    const page = addr / PAGE_SIZE;
    if (unshares ? makeUsable(proc, vma, page, true) : fault(proc, vma, page, write)) return 'EFAULT';
  }
  proc.pins.push({ addr: op.addr, length: op.length });
  return 0;
};

/** Names the range of an earlier pin. */
export const unpin = (proc: FlatProc, op: UnpinOp): Outcome => {
  const i = proc.pins.findIndex(({ addr, length }) => addr === op.addr && length === op.length);
  if (i < 0) return 'EINVAL';
  proc.pins.splice(i, 1);
  return 0;
};
