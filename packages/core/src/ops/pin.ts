/**
 * Pages held by somebody who does not map them: pins (FOLL_PIN) of direct I/O and fixed buffers, and plain references
 * (FOLL_GET) of a pipe that a page was spliced into. What a holder sees is the frame itself, whatever becomes of the
 * mapping through which it was found.
 *
 * @kernel mm/gup.c, release 6.18
 */
import { W, Y } from '../counters.js';
import { KIND_ANON, KIND_FILE, KIND_MASK, ZERO_PFN } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import type { Machine } from '../machine.js';
import { isPresent, PRESENT, RW, SPECIAL } from '../pte.js';
import type { Space } from '../space.js';
import type { Addr, Pfn } from '../strategy.js';
import type { Outcome, PeekOp, PinOp, UnpinOp } from '../trace/index.js';
import { VM_READ, VM_SHARED, VM_WRITE, type Vma, vmaLookup } from '../vma.js';
import { findSlot } from '../walk.js';
import { FNV_BASIS, fnvStep } from './access.js';
import type { Errno } from './errno.js';
import { type Access, faultIn } from './fault.js';
import { effectiveEntry, TRIES } from './gup.js';
import { afterFollow } from './zap-as-posted.js';

/** Pages held by one operation, by the process and the range that name it. The zero page is among them, uncounted. */
export interface Pin {
  readonly proc: string;
  readonly addr: Addr;
  readonly length: number;
  /** FOLL_GET. */
  readonly get: boolean;
  readonly pfns: readonly Pfn[];
}

/** One request, unpacked. */
interface Want {
  readonly write: boolean;
  readonly longterm: boolean;
  readonly get: boolean;
}

/** Pages that a splice asks for at once. After a page that the fast walk could not give, the rest of them go the slow way. */
const SPLICE_BATCH = 16;

/** Where the exclusive mark of a page stands: of a folio that is mapped whole, on its head. */
const exclusivePage = (m: Machine, pfn: Pfn): Pfn => {
  const folio = m.frames.folios.of(pfn);
  return folio && folio.entire > 0 ? folio.head : pfn;
};

/** Must a read-only pin first get a page that nobody else will change? @kernel gup_must_unshare() */
const mustUnshare = (m: Machine, vma: Vma | null, pfn: Pfn, { write, longterm, get }: Want): boolean => {
  if (write || get || m.kernel === '5.6') return false;
  if ((m.frames.meta[pfn]! & KIND_MASK) === KIND_ANON) return !m.frames.isExclusive(exclusivePage(m, pfn));
  // Without the VMA one cannot tell whether a mapping is private.
  return longterm && (vma === null || (vma.flags & VM_SHARED) === 0);
};

/**
 * The walk without locks and without VMAs: the entry alone decides, so memory that the VMA lets nobody read can be read
 * where a page is there. 0: it has to be done the slow way. @kernel gup_fast_pte_range()
 */
const fastPage = (m: Machine, space: Space, addr: Addr, want: Want): Pfn => {
  const { lo, pfn } = effectiveEntry(m, space, addr);
  const need = want.write ? PRESENT | RW : PRESENT;
  if ((lo & need) !== need || (lo & SPECIAL) !== 0) return 0;
  return mustUnshare(m, null, pfn, want) ? 0 : pfn;
};

/** @kernel check_vma_flags(), follow_page_pte(), faultin_page() */
const slowPage = (m: Machine, space: Space, addr: Addr, want: Want): Pfn | Errno => {
  const vma = vmaLookup(space.vmas, addr);
  if (!vma || (vma.flags & (want.write ? VM_WRITE : VM_READ)) === 0) return 'EFAULT';
  for (let tries = 0; tries < TRIES; tries++) {
    const { lo, pfn } = effectiveEntry(m, space, addr);
    let access: Access | null = null;
    if (lo === 0 || !isPresent(lo)) access = want.write ? 'write' : 'read';
    else if (want.write && (lo & RW) === 0) access = 'write';
    else if (mustUnshare(m, vma, pfn, want)) access = 'unshare';
    if (access === null) {
      if (m.asPosted) afterFollow(m, space, vma, addr);
      return pfn;
    }
    const done = faultIn(m, space, vma, addr, access, m.to);
    if (done !== 'ok') return done === 'ENOMEM' ? 'ENOMEM' : 'EFAULT';
  }
  return 'EFAULT';
};

/** A page in a table that others hold may be replaced under its holder: whoever wants to hold one leaves first. */
const leaveShared = (m: Machine, space: Space, addr: Addr, fast: boolean): boolean => {
  if (!m.sharing) return true;
  const vma = vmaLookup(space.vmas, addr);
  if (!findSlot(m, space, addr, vma, m.to) || m.to.table === 0) return true;
  return m.strategy.touch(m.to, fast ? 'gup fast' : 'gup') !== 'oom';
};

/** All pages of a range, or why not. */
const holdPages = (m: Machine, space: Space, op: PinOp, held: Pfn[]): Errno => {
  const { addr, length, how = 'slow' } = op;
  const want = { write: op.write ?? false, longterm: op.longterm ?? false, get: how === 'get' };
  const batch = want.get ? SPLICE_BATCH : Number.POSITIVE_INFINITY;
  let fast = how !== 'slow';
  let begun = 0;
  for (let at = addr - (addr % PAGE_SIZE); at < addr + length; at += PAGE_SIZE) {
    if (held.length - begun === batch) {
      fast = true;
      begun = held.length;
    }
    if (!leaveShared(m, space, at, fast)) return 'ENOMEM';
    let pfn: Pfn | Errno = fast ? fastPage(m, space, at, want) : 0;
    if (pfn === 0) {
      pfn = slowPage(m, space, at, want);
      fast = false;
      // A splice is content with the pages that it got, and asks for the others anew.
      if (pfn === 'EFAULT' && want.get && held.length > begun) {
        begun = held.length;
        fast = true;
        pfn = fastPage(m, space, at, want) || 'EFAULT';
      }
    }
    if (typeof pfn === 'string') return pfn;
    // The zero page never changes and never goes, so nobody counts who holds it.
    if (pfn !== ZERO_PFN) m.frames.amend(pfn, want.get ? { refs: 1 } : { pins: 1 });
    held.push(pfn);
  }
  return 0;
};

/** Holds every page of a range; on failure what was taken is given back. @kernel pin_user_pages(), iov_iter_get_pages2() */
export const pin = (m: Machine, op: PinOp): Errno => {
  const { proc, addr, length } = op;
  const space = m.proc(proc);
  m.syscall('gup');
  if (length === 0) return 'EFAULT';
  space.hasHeld = true;
  if (op.how !== 'get') space.hasPins = true;
  const pfns: Pfn[] = [];
  const taken: Pin = { proc, addr, length, get: op.how === 'get', pfns };
  const errno = holdPages(m, space, op, pfns);
  if (errno !== 0) {
    release(m, taken);
    return errno;
  }
  m.counters.add(W.pinsTaken, Y.gup, pfns.length);
  space.pins.push(taken);
  return 0;
};

const release = (m: Machine, { get, pfns }: Pin): void => {
  for (const pfn of pfns) {
    if (pfn === ZERO_PFN) continue;
    const file = (m.frames.meta[pfn]! & KIND_MASK) === KIND_FILE;
    const orphan = m.orphans.has(pfn);
    const freed = m.frames.letGo(pfn, get ? { refs: -1 } : { pins: -1 }, file && !orphan);
    if (freed === 0) continue;
    m.orphans.delete(pfn);
    if (!orphan) m.countFreed(freed, Y.gup);
  }
};

/** The latest of what a process holds by this very range. */
const heldBy = (m: Machine, { proc, addr, length }: UnpinOp | PeekOp): { space: Space; at: number } => {
  const space = m.proc(proc);
  const at = space.pins.findLastIndex((it) => it.proc === proc && it.addr === addr && it.length === length);
  return { space, at };
};

/** Lets go of what a pin of the same range took. */
export const unpin = (m: Machine, op: UnpinOp): Errno => {
  m.syscall('gup');
  const { space, at } = heldBy(m, op);
  if (at < 0) return 'EINVAL';
  release(m, space.pins.splice(at, 1)[0]!);
  return 0;
};

/** What the holder of a range sees: the frames themselves, through no table. */
export const peek = (m: Machine, op: PeekOp): { result: Outcome; digest?: number } => {
  m.syscall('gup');
  const { space, at } = heldBy(m, op);
  if (at < 0) return { result: 'EINVAL' };
  const { contents } = m.frames;
  return { result: 0, digest: space.pins[at]!.pfns.reduce((h, pfn) => fnvStep(h, contents[pfn]!), FNV_BASIS) };
};

/** What a process holds is let go of with its descriptors. */
export const releasePins = (m: Machine, space: Space, proc: string): void => {
  for (const held of space.pins.filter((it) => it.proc === proc)) {
    release(m, held);
    space.pins.splice(space.pins.indexOf(held), 1);
  }
};
