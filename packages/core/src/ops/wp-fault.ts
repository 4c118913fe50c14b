/**
 * Faults on a present entry that gives too few rights: a write, or an unshare on behalf of a pin.
 *
 * @kernel mm/memory.c do_wp_page() and what it calls, release 6.18
 */
import { W, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { mappingsIn } from '../folio-mappings.js';
import { EXCLUSIVE, EXTRA, KIND_ANON, KIND_FILE, KIND_MASK } from '../frames.js';
import type { Machine } from '../machine.js';
import { ACCESSED, DIRTY, entryHi, entryPfn, isPresent, RW, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Addr, Pfn, TableId } from '../strategy.js';
import { folioFreeSwap, swapSlotOf, unmapPage } from '../swap-cache.js';
import { VM_SHARED, type Vma } from '../vma.js';
import { prepareAnon } from '../vma-merge.js';
import type { Access } from './fault.js';
import { ANON, anonPage, COW, OOM, ownLo, REUSE } from './fault-entry.js';
import { meetProtection } from './uffd.js';

/** A slot that nothing refers to is given up to find out. */
const canReuseSmall = (m: Machine, pfn: Pfn): boolean => {
  const cached = swapSlotOf(m, pfn) !== 0 ? 1 : 0;
  if (m.frames.refcount(pfn) > 1 + cached) return false;
  return cached === 0 || folioFreeSwap(m, pfn);
};

/**
 * Is an anonymous page that is not marked exclusive this mm's alone? Of a large folio one page more must be mapped, since
 * 6.15: what is left of one had better be freed. @kernel wp_can_reuse_anon_folio()
 */
const canReuse = (m: Machine, pfn: Pfn, table: TableId): boolean => {
  const folio = m.frames.folios.of(pfn);
  if (!folio) return canReuseSmall(m, pfn);
  if (m.kernel !== '6.18') return m.frames.refcount(pfn) === 1;
  if (folio.mapcount <= 1 || folio.maybeShared || folio.mapcount !== folio.refcount) return false;
  // Under a strategy that shares tables, pages may be counted for an mm that has left them to another one.
  return !m.sharing || mappingsIn(m, table, folio) === folio.mapcount;
};

/** A write, or an unshare, of a present entry without write permission. @kernel do_wp_page() */
export const wpFault = (
  m: Machine,
  space: Space,
  vma: Vma,
  addr: Addr,
  access: Access,
  at: SlotCursor,
  words: Uint32Array,
  i: number,
): number => {
  const { frames } = m;
  const met = vma.uffd && access === 'write' ? meetProtection(m, vma, addr, at, words, i) : null;
  if (met !== null) return met;
  const lo = words[i]!;
  const pfn = entryPfn(lo, words[i + 1]!);
  assertModel(isPresent(lo), 'entry-legal', 'a fault met an entry that is neither none nor present');
  const kind = frames.meta[pfn]! & KIND_MASK;
  if ((vma.flags & VM_SHARED) !== 0) {
    words[i] = lo | RW | DIRTY | ACCESSED;
    frames.setDirty(pfn);
    return REUSE;
  }
  // @kernel reuse_swap_page(): before anonymous pages had owners, the map count alone decided
  const sole = m.kernel === '5.6' ? frames.mapcount(pfn) === 1 : frames.isExclusive(pfn) || canReuse(m, pfn, at.table);
  if (kind === KIND_ANON && sole) {
    frames.setExclusive(pfn);
    if (access === 'write') words[i] = lo | RW | DIRTY | ACCESSED;
    return REUSE;
  }
  assertModel(
    m.asPosted || kind !== KIND_ANON || (frames.meta[pfn]! & EXTRA) === 0 || frames.pinsOf(pfn) === 0,
    'pin-keeps-page',
    'a pinned page was about to be replaced by a copy',
  );
  prepareAnon(space, vma);
  const fresh = anonPage(m);
  if (fresh === 0) return OOM;
  const { table } = at;
  if (kind === KIND_ANON || kind === KIND_FILE) {
    frames.contents[fresh] = frames.contents[pfn]!;
    m.counters.add(W.pagesCopied, Y.fault, 1);
  } else m.counters.add(W.pagesZeroed, Y.fault, 1);
  frames.meta[fresh] = KIND_ANON | EXCLUSIVE | 1;
  const own = ownLo(vma, fresh);
  words[i] = access === 'write' ? own : (own & ~(RW | DIRTY)) | (lo & UFFD_WP);
  words[i + 1] = entryHi(fresh, vma.protHi);
  m.flushPage(space, addr, Y.fault);
  if (kind === KIND_ANON) {
    m.countFreed(unmapPage(m, pfn, space.id), Y.fault);
  } else {
    if (kind === KIND_FILE) unmapPage(m, pfn);
    m.book(table, 1, kind === KIND_FILE ? -1 : 0, 0);
  }
  return kind === KIND_ANON || kind === KIND_FILE ? COW : ANON;
};
