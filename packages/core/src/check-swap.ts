/** The part of the recount that is about swap: references to slots, and the swap cache. */
import type { File } from './file.js';
import type { Machine } from './machine.js';
import { entryPfn, isSwap, SWP_EXCLUSIVE } from './pte.js';
import { type Recount, report } from './recount.js';
import type { TableId } from './strategy.js';

/** Compares the counts of all slots with the entries of these tables and with the page caches of these files. */
export const checkSwap = (m: Machine, r: Recount, seen: ReadonlySet<TableId>, files: Iterable<File>): void => {
  const found = new Map<number, number>();
  const exclusive = new Set<number>();
  for (const table of seen) {
    if (m.tables.swap[table] === 0) continue;
    const words = m.tables.words(table);
    const weight = m.traits.charges === 'everyone' ? m.tables.refs[table]! : 1;
    for (let i = 0; i < words.length; i += 2) {
      if (!isSwap(words[i]!)) continue;
      const slot = entryPfn(words[i]!, words[i + 1]!);
      found.set(slot, (found.get(slot) ?? 0) + weight);
      if ((words[i]! & SWP_EXCLUSIVE) !== 0) exclusive.add(slot);
    }
  }
  for (const file of files) {
    for (const slot of file.swapped.values()) found.set(slot, (found.get(slot) ?? 0) + 1);
  }
  const used = new Set(m.swap.slots());
  for (const slot of new Set([...used, ...found.keys()])) {
    const [counted, there] = [m.swap.count(slot), found.get(slot) ?? 0];
    if (counted !== there) report(r, 'swap-counts', `slot ${slot}: ${counted} references counted, ${there} found`);
    if (exclusive.has(slot) && there > 1)
      report(r, 'swap-exclusive', `slot ${slot}: exclusive, with ${there} references`);
    const pfn = m.swap.cached(slot);
    if (pfn !== 0 && m.frames.record(pfn)?.swap !== slot) {
      report(r, 'swap-cache', `slot ${slot}: frame ${pfn} is cached and does not know it`);
    }
    if (pfn !== 0 && counted === 0 && r.mapcounts[pfn] === 0 && m.frames.refcount(pfn) === 1) {
      report(
        r,
        'swap-cache',
        `slot ${slot}: frame ${pfn} is held by the swap cache alone, and nothing refers to the slot`,
      );
    }
  }
  if (used.size !== m.swap.live) report(r, 'swap-counts', `${m.swap.live} slots counted, ${used.size} in use`);
};
