/**
 * get_user_pages: faulting pages in on somebody's behalf. Who holds them then: see pin.ts.
 *
 * @kernel mm/gup.c, release 6.18
 */
import { KIND_ANON, KIND_MASK } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import { leafPfn } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { DIRTY, entryPfn, isPresent, RW } from '../pte.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import { findVmaIndex, VM_ACCESS, VM_READ, VM_SHARED, VM_WRITE, type Vma, vmaLookup } from '../vma.js';
import { findSlot } from '../walk.js';
import type { Errno } from './errno.js';
import { type FaultEnd, faultIn } from './fault.js';
import { afterFollow, beforeFollow } from './zap-as-posted.js';

/** Faults that one page may take: a marker, its page, and the protection of that one are two. */
export const TRIES = 4;

/** The low word of the entry at an address, through a slot that may be written or not; 0: none. */
export const effectiveEntry = (m: Machine, space: Space, addr: Addr): { lo: number; pfn: Pfn } => {
  const at = m.to;
  if (!findSlot(m, space, addr, null, at)) return { lo: 0, pfn: 0 };
  if (at.huge) return { lo: at.lo, pfn: leafPfn(at, addr) };
  if (at.table === 0) return { lo: 0, pfn: 0 };
  const words = m.tables.words(at.table);
  const i = ((addr - at.start) >>> 12) * 2;
  const lo = words[i]!;
  // The walk of get_user_pages reads the entry alone: a patch that shares tables must look at the slot, or forgets to.
  return { lo: at.writable || m.asPosted ? lo : lo & ~RW, pfn: entryPfn(lo, words[i + 1]!) };
};

/**
 * Somebody is about to write to a page that no fault has to bring: the page is dirty from now on, and its entry is not. An
 * entry that maps a huge page is. @kernel follow_page_pte() FOLL_TOUCH, touch_pmd()
 */
const touchForWrite = (m: Machine, lo: number, pfn: Pfn): void => {
  if ((lo & DIRTY) !== 0) return;
  const folio = m.frames.folios.of(pfn);
  if (m.to.huge) m.to.write(lo | DIRTY, m.to.hi);
  else if (folio) folio.dirty = true;
  else if ((m.frames.meta[pfn]! & KIND_MASK) === KIND_ANON) m.frames.amend(pfn, { dirty: true });
  else m.frames.setDirty(pfn);
};

/** Faults one page in until it is there with the rights asked for. @kernel follow_page_pte(), faultin_page() */
const faultInPage = (m: Machine, space: Space, vma: Vma, addr: Addr, write: boolean): FaultEnd => {
  for (let tries = 0; tries < TRIES; tries++) {
    if (m.asPosted) beforeFollow(m, space, vma, addr);
    const { lo, pfn } = effectiveEntry(m, space, addr);
    const there = lo !== 0 && isPresent(lo) && (!write || (lo & RW) !== 0);
    if (there && write) touchForWrite(m, lo, pfn);
    const end = there ? 'ok' : faultIn(m, space, vma, addr, write ? 'write' : 'read', m.to);
    if (m.asPosted && end === 'ok') afterFollow(m, space, vma, addr);
    // Protection of a userfaultfd takes another fault; nothing else does.
    if (there || end !== 'ok' || !vma.uffd) return end;
  }
  return 'ok';
};

/** As mlock and MAP_POPULATE do it: private writable memory by writing. @kernel populate_vma_page_range() */
export const populateVma = (m: Machine, space: Space, vma: Vma, start: Addr, end: Addr): FaultEnd | 'EFAULT' => {
  if ((vma.flags & VM_ACCESS) === 0) return 'EFAULT';
  const reads = m.asPosted && m.strategy.populate?.(space) === 'read';
  const write = !reads && (vma.flags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
  for (let addr = start; addr < end; addr += PAGE_SIZE) {
    const done = faultInPage(m, space, vma, addr, write);
    if (done !== 'ok') return done;
  }
  return 'ok';
};

/** Populates whatever is mapped in a range; errors end one VMA and not the rest. @kernel __mm_populate() */
export const populateRange = (m: Machine, space: Space, start: Addr, end: Addr): void => {
  for (let i = findVmaIndex(space.vmas, start); i < space.vmas.length && space.vmas[i]!.start < end; i++) {
    const vma = space.vmas[i]!;
    populateVma(m, space, vma, Math.max(vma.start, start), Math.min(vma.end, end));
  }
};

/** MADV_POPULATE_READ and MADV_POPULATE_WRITE. @kernel mm/madvise.c madvise_populate() */
export const madvisePopulate = (m: Machine, space: Space, start: Addr, end: Addr, write: boolean): Errno => {
  for (let addr = start; addr < end; addr += PAGE_SIZE) {
    const vma = vmaLookup(space.vmas, addr);
    if (!vma) return 'ENOMEM';
    if ((vma.flags & (write ? VM_WRITE : VM_READ)) === 0) return 'EINVAL';
    const done = faultInPage(m, space, vma, addr, write);
    if (done !== 'ok') return done === 'ENOMEM' ? 'ENOMEM' : 'EFAULT';
  }
  return 0;
};
