/**
 * get_user_pages: faulting pages in on somebody's behalf, and pinning them.
 *
 * @kernel mm/gup.c, release 6.18
 */
import { W, Y } from '../counters.js';
import { KIND_ANON, KIND_FILE, KIND_MASK } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import { leafPfn } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { entryPfn, isPresent, RW } from '../pte.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import type { PinOp, UnpinOp } from '../trace/index.js';
import { findVmaIndex, VM_ACCESS, VM_READ, VM_SHARED, VM_WRITE, type Vma, vmaLookup } from '../vma.js';
import { findSlot } from '../walk.js';
import type { Errno } from './errno.js';
import { type Access, type FaultEnd, faultIn } from './fault.js';
import { afterFollow, beforeFollow } from './zap-as-posted.js';

/** Pages pinned by one operation, by the process and the range that name it. */
export interface Pin {
  readonly proc: string;
  readonly addr: Addr;
  readonly length: number;
  readonly pfns: readonly Pfn[];
}

/** Faults that one page may take: a marker, its page, and the protection of that one are two. */
const TRIES = 4;

/** The low word of the entry at an address, through a slot that may be written or not; 0: none. */
const effectiveEntry = (m: Machine, space: Space, addr: Addr): { lo: number; pfn: Pfn } => {
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

/** Faults one page in until it is there with the rights asked for. @kernel follow_page_pte(), faultin_page() */
const faultInPage = (m: Machine, space: Space, vma: Vma, addr: Addr, write: boolean): FaultEnd => {
  for (let tries = 0; tries < TRIES; tries++) {
    if (m.asPosted) beforeFollow(m, space, vma, addr);
    const { lo } = effectiveEntry(m, space, addr);
    const there = lo !== 0 && isPresent(lo) && (!write || (lo & RW) !== 0);
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

/** Where the exclusive mark of a page stands: of a folio that is mapped whole, on its head. */
const exclusivePage = (m: Machine, pfn: Pfn): Pfn => {
  const folio = m.frames.folios.of(pfn);
  return folio && folio.entire > 0 ? folio.head : pfn;
};

/** Must a read-only pin first get a page that nobody else will change? @kernel gup_must_unshare() */
const mustUnshare = (m: Machine, vma: Vma, pfn: Pfn, longterm: boolean): boolean => {
  const kind = m.frames.meta[pfn]! & KIND_MASK;
  if (kind === KIND_ANON) return !m.frames.isExclusive(exclusivePage(m, pfn));
  return longterm && (vma.flags & VM_SHARED) === 0;
};

const pinPage = (m: Machine, space: Space, vma: Vma, addr: Addr, write: boolean, longterm: boolean): Pfn | Errno => {
  if (m.sharing && findSlot(m, space, addr, vma, m.to) && m.to.table !== 0) {
    if (m.strategy.touch(m.to, 'gup') === 'oom') return 'ENOMEM';
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const { lo, pfn } = effectiveEntry(m, space, addr);
    let want: Access | null = null;
    if (lo === 0 || !isPresent(lo)) want = write ? 'write' : 'read';
    else if (write && (lo & RW) === 0) want = 'write';
    else if (!write && m.kernel !== '5.6' && mustUnshare(m, vma, pfn, longterm)) want = 'unshare';
    if (want === null) {
      if (m.asPosted) afterFollow(m, space, vma, addr);
      return pfn;
    }
    const done = faultIn(m, space, vma, addr, want, m.to);
    if (done !== 'ok') return done === 'ENOMEM' ? 'ENOMEM' : 'EFAULT';
  }
  return 'EFAULT';
};

/** Pins every page of a range; on failure the pins taken are given back. @kernel pin_user_pages() */
export const pin = (m: Machine, op: PinOp): Errno => {
  const { proc, addr, length, write = false, longterm = false } = op;
  const space = m.proc(proc);
  m.syscall('gup');
  const first = addr - (addr % PAGE_SIZE);
  const pfns: Pfn[] = [];
  space.hasPins = true;
  for (let at = first; at < addr + length; at += PAGE_SIZE) {
    const vma = vmaLookup(space.vmas, at);
    const allowed = vma && (vma.flags & (write ? VM_WRITE : VM_READ)) !== 0;
    const pfn = allowed ? pinPage(m, space, vma, at, write, longterm) : 'EFAULT';
    if (typeof pfn === 'string') {
      release(m, pfns);
      return pfn;
    }
    if (pfn === 0) continue;
    // The zero page cannot be pinned: it never changes and never goes.
    if ((m.frames.meta[pfn]! & KIND_MASK) !== KIND_ANON && (m.frames.meta[pfn]! & KIND_MASK) !== KIND_FILE) continue;
    m.frames.pin(pfn);
    pfns.push(pfn);
  }
  m.counters.add(W.pinsTaken, Y.gup, pfns.length);
  space.pins.push({ proc, addr, length, pfns });
  return 0;
};

const release = (m: Machine, pfns: readonly Pfn[]): void => {
  for (const pfn of pfns) {
    const file = (m.frames.meta[pfn]! & KIND_MASK) === KIND_FILE;
    const orphan = m.orphans.has(pfn);
    if (m.frames.unpin(pfn, file && !orphan)) {
      m.orphans.delete(pfn);
      if (!orphan) m.counters.add(W.pagesFreed, Y.gup, 1);
    }
  }
};

/** Lets go of what the last pin of the same range took. */
export const unpin = (m: Machine, { proc, addr, length }: UnpinOp): Errno => {
  const space = m.proc(proc);
  m.syscall('gup');
  const i = space.pins.findLastIndex((held) => held.proc === proc && held.addr === addr && held.length === length);
  if (i < 0) return 'EINVAL';
  const [held] = space.pins.splice(i, 1);
  release(m, held!.pfns);
  return 0;
};

/** What a dying process has pinned is let go of with its descriptors. */
export const releasePins = (m: Machine, space: Space, proc: string): void => {
  const own = space.pins.filter((held) => held.proc === proc);
  for (const held of own) {
    release(m, held.pfns);
    space.pins.splice(space.pins.indexOf(held), 1);
  }
};
