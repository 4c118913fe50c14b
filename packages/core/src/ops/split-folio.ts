/**
 * Cutting a large folio up into pages of their own: MADV_FREE, MADV_COLD and MADV_PAGEOUT do that to one of which they want
 * a part.
 *
 * @kernel mm/huge_memory.c split_folio(), mm/migrate.c try_to_map_unused_to_zeropage(), release 6.18
 */
import { W, type Why, Y } from '../counters.js';
import type { Folio } from '../folio.js';
import { ZERO_PFN } from '../frames.js';
import { PAGE_SIZE } from '../geometry.js';
import { leafFolio, splitHugePmd } from '../huge-pmd.js';
import type { Machine } from '../machine.js';
import { entryHi, entryLo, entryPfn, isPresent, RW, SPECIAL, UFFD_WP } from '../pte.js';
import type { SlotCursor } from '../slot.js';
import type { Space } from '../space.js';
import type { Pfn } from '../strategy.js';
import { VM_LOCKED, vmaLookup } from '../vma.js';
import { eachTable } from '../walk.js';

/** A page of a folio that holds nothing but zeroes. @kernel pages_identical() */
const isEmpty = (m: Machine, folio: Folio, pfn: Pfn): boolean => {
  if (m.frames.contents[pfn] !== 0) return false;
  const first = (pfn - folio.head) * PAGE_SIZE;
  for (const at of folio.bytes) if (at >= first && at < first + PAGE_SIZE) return false;
  return true;
};

/** Mappings of a folio in tables that this space holds alone; leaves among them are split. */
const ownMappings = (m: Machine, space: Space, folio: Folio, why: Why): SlotList => {
  const slots: SlotList = [];
  const table = (at: SlotCursor): boolean => {
    if (m.tables.anon[at.table] === 0 || m.tables.refs[at.table] !== 1) return true;
    const words = m.tables.words(at.table);
    for (let i = 0; i < words.length; i += 2) {
      if (!isPresent(words[i]!)) continue;
      const pfn = entryPfn(words[i]!, words[i + 1]!);
      if (pfn < folio.head || pfn >= folio.head + folio.pages || (words[i]! & SPECIAL) !== 0) continue;
      slots.push({ table: at.table, i, pfn, addr: at.start + (i / 2) * PAGE_SIZE });
    }
    return true;
  };
  const leaf = (at: SlotCursor): boolean => {
    if (leafFolio(m, at) !== folio) return true;
    splitHugePmd(m, at, why);
    return table(at);
  };
  eachTable(m, space, 0, m.geometry.taskSize, m.rmap, null, table, leaf);
  return slots;
};

type SlotList = { readonly table: number; readonly i: number; readonly pfn: Pfn; readonly addr: number }[];

/**
 * Splits a folio that `space` alone maps; false, and nothing is done, when somebody else may map or holds it. Pages of it
 * that are empty are replaced by the zero page, since 6.12, but for locked memory; that is the one way in which a page
 * leaves an address space without having been asked for.
 */
export const splitFolio = (m: Machine, space: Space, folio: Folio, why: Why): boolean => {
  if (folio.maybeShared || folio.refcount !== folio.mapcount) return false;
  const mappings = ownMappings(m, space, folio, why);
  // Under a strategy that shares tables, the rest may lie in tables of others.
  if (mappings.length !== folio.mapcount) return false;
  folio.refs++;
  if (m.kernel === '6.18') for (const each of mappings) mapZeroPage(m, space, folio, each);
  folio.refs--;
  const freed = m.frames.folios.split(folio);
  m.counters.add(W.pagesFreed, Y[why], freed);
  m.counters.add(W.foliosSplit, Y[why], 1);
  return true;
};

const mapZeroPage = (m: Machine, space: Space, folio: Folio, { table, i, pfn, addr }: SlotList[number]): void => {
  const vma = vmaLookup(space.vmas, addr)!;
  if ((vma.flags & VM_LOCKED) !== 0 || !isEmpty(m, folio, pfn)) return;
  const words = m.tables.words(table);
  words[i] = entryLo(ZERO_PFN, (vma.protLo & ~RW) | SPECIAL | (words[i]! & UFFD_WP));
  words[i + 1] = entryHi(ZERO_PFN, vma.protHi);
  m.book(table, -1, 0, 0);
  m.frames.unmap(pfn, space.id);
  m.flushPage(space, addr, Y.dontneed);
};
