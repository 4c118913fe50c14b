/** Where a large folio is mapped. */
import type { Folio } from './folio.js';
import type { Machine } from './machine.js';
import { entryPfn, isPresent } from './pte.js';
import type { TableId } from './strategy.js';

/** Entries of a PTE table that map pages of a folio. */
export const mappingsIn = (m: Machine, table: TableId, { head, pages }: Folio): number => {
  const words = m.tables.words(table);
  let count = 0;
  for (let i = 0; i < words.length; i += 2) {
    if (!isPresent(words[i]!)) continue;
    const pfn = entryPfn(words[i]!, words[i + 1]!);
    if (pfn >= head && pfn < head + pages) count++;
  }
  return count;
};
