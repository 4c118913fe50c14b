/** What must hold of huge leaves and of large folios. */
import { EXCLUSIVE } from './frames.js';
import { leafFolio } from './huge-pmd.js';
import type { Machine } from './machine.js';
import { PROTNONE, RW } from './pte.js';
import { hex, MANY, type Recount, report } from './recount.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { TableId } from './strategy.js';
import { vmaLookup } from './vma.js';

/** One leaf of one space: its VMA, the table under it, and the pages it maps. Answers that table. */
export const checkLeaf = (m: Machine, r: Recount, space: Space, at: SlotCursor): TableId => {
  const where = () => `${space.name}: the huge entry at ${hex(at.start)}`;
  const vma = vmaLookup(space.vmas, at.start);
  if (!vma || vma.start > at.start || vma.end < at.end || !vma.anonymous) {
    report(r, 'entry-in-vma', `${where()} does not lie in one private anonymous VMA`);
  } else {
    if ((at.lo & RW) !== 0 && !vma.writable) report(r, 'rights-within-vma', `${where()} may be written`);
    const none = !vma.readable && !vma.writable && !vma.executable;
    if (none && (at.lo & PROTNONE) === 0)
      report(r, 'rights-within-vma', `${where()} may be read in a PROT_NONE mapping`);
  }
  const folio = leafFolio(m, at);
  const table = m.tables.deposited(at.parent, at.index);
  const { tables } = m;
  const charged = table !== 0 && tables.payer[table] === space.id && tables.refs[table] === 1;
  if (!charged || tables.used[table] !== 0 || tables.anon[table] !== (folio ? folio.pages : 0)) {
    report(r, 'deposits', `${where()}: table ${table} under it is not its own, or not empty`);
  }
  if (folio === null) return table;
  if ((at.lo & RW) !== 0 && ((m.frames.meta[folio.head]! & EXCLUSIVE) === 0 || folio.mapcount !== 1)) {
    report(r, 'writable-is-exclusive', `${where()} may be written, and is mapped ${folio.mapcount} times`);
  }
  r.leaves.set(folio.head, (r.leaves.get(folio.head) ?? 0) + 1);
  for (let pfn = folio.head; pfn < folio.head + folio.pages; pfn++) {
    r.mapcounts[pfn] = r.mapcounts[pfn]! + 1;
    const before = r.reachedBy[pfn]!;
    if (before !== space.id) r.reachedBy[pfn] = before === 0 ? space.id : MANY;
  }
  return table;
};

/** Each folio's counts, after everything has been visited. */
export const checkFolios = (m: Machine, r: Recount): void => {
  for (const folio of m.frames.folios.all()) {
    const entire = r.leaves.get(folio.head) ?? 0;
    let mapped = entire;
    let pins = 0;
    for (let pfn = folio.head; pfn < folio.head + folio.pages; pfn++) {
      mapped += r.mapcounts[pfn]! - entire;
      pins += m.frames.pinsOf(pfn);
    }
    if (folio.entire !== entire || folio.mapcount !== mapped || folio.pins !== pins) {
      const counted = `${folio.entire} whole of ${folio.mapcount}, ${folio.pins} pins`;
      report(r, 'folio-counts', `folio ${folio.head}: counted ${counted}, found ${entire} of ${mapped}, ${pins}`);
    }
    if (folio.refcount === 0) report(r, 'frame-states', `folio ${folio.head} is in use and nothing holds it`);
  }
};
