/** Memory that grows downwards when somebody accesses what lies below it. @kernel mm/vma.c, release 6.18 */
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import type { Space } from '../space.js';
import type { Addr } from '../strategy.js';
import { findVmaIndex, VM_ACCESS, VM_GROWSDOWN, type Vma } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';

/** Where the room that must stay free below a VMA begins. @kernel vm_start_gap() */
export const guardedStart = (m: Machine, vma: Vma): Addr =>
  (vma.flags & VM_GROWSDOWN) === 0 ? vma.start : Math.max(0, vma.start - m.geometry.stackGuardPages * PAGE_SIZE);

/**
 * The VMA that an access to `addr`, which none holds, is to have: the next one above, grown down to the page of `addr`
 * if it may grow. Rights are looked at afterwards, so an access that is refused in the end has grown it, too.
 * @kernel lock_mm_and_find_vma(), expand_downwards()
 */
export const growStack = (m: Machine, space: Space, addr: Addr): Vma | null => {
  const at = findVmaIndex(space.vmas, addr);
  const vma = space.vmas[at];
  if (!vma || (vma.flags & VM_GROWSDOWN) === 0) return null;
  const page = addr - (addr % PAGE_SIZE);
  const prev = space.vmas[at - 1];
  const { stackGuardPages, stackLimit } = m.geometry;
  const guarded = prev !== undefined && (prev.flags & VM_GROWSDOWN) === 0 && (prev.flags & VM_ACCESS) !== 0;
  if (guarded && page - prev.end < stackGuardPages * PAGE_SIZE) return null;
  prepareAnon(space, vma);
  const pages = (vma.start - page) / PAGE_SIZE;
  // @kernel acct_stack_growth(): RLIMIT_STACK is what the kernel gives a process that asks for nothing else
  if (pages > vma.pgoff || vma.end - page > stackLimit) return null;
  vma.start = page;
  vma.pgoff -= pages;
  return vma;
};
