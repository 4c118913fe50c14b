import { checkSwap } from './check-swap.js';
import type { File } from './file.js';
import {
  COUNT_MASK,
  EXCLUSIVE,
  EXTRA,
  KIND_ANON,
  KIND_FILE,
  KIND_FREE,
  KIND_MASK,
  KIND_ZERO,
  ZERO_PFN,
} from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import { leafPfn } from './huge-pmd.js';
import type { InvariantId } from './invariant-list.js';
import type { Machine } from './machine.js';
import { entryPfn, isPresent, RW } from './pte.js';
import { checkSlot, checkVmaOrder, countEntries, hex, MANY, type Recount, report } from './recount.js';
import { checkFolios, checkLeaf } from './recount-leaf.js';
import { checkPins, checkUpperTables } from './recount-upper.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { Addr, Pfn, TableId } from './strategy.js';
import type { CachedTranslation } from './tlb.js';
import { eachTable, findSlot } from './walk.js';

export interface Breach {
  readonly invariant: InvariantId;
  readonly detail: string;
}

/** Everything that does not hold now, at most `limit` findings. Empty: all is well. */
export const checkInvariants = (m: Machine, limit = 20): Breach[] => {
  const frames = m.frames.top;
  const r: Recount = {
    refs: new Map(),
    mapcounts: new Uint32Array(frames),
    reachedBy: new Int32Array(frames),
    written: new Uint8Array(frames),
    owned: new Uint8Array(frames),
    places: new Map(),
    paid: new Set(),
    leaves: new Map(),
    breaches: [],
    limit,
  };
  const spaces = m.spaces.filter((s): s is Space => s !== null);
  const seen = new Set<TableId>();
  for (const space of spaces) {
    checkVmaOrder(r, space);
    checkUpperTables(m, r, space);
    const leaf = (at: SlotCursor) => {
      const table = checkLeaf(m, r, space, at);
      seen.add(table);
      r.refs.set(table, 1);
      r.paid.add(table);
      return true;
    };
    const table = (at: SlotCursor) => {
      checkSlot(m, r, space, at);
      if (!seen.has(at.table)) {
        seen.add(at.table);
        countEntries(m, r, at.table);
      }
      return true;
    };
    eachTable(m, space, 0, m.geometry.taskSize, m.at, null, table, leaf);
  }
  checkFolios(m, r);
  checkTables(m, r, seen, spaces);
  const files = liveFiles(m);
  checkFrames(m, r, files);
  checkPins(m, r, spaces);
  checkSwap(m, r, seen, files);
  checkCharges(m, r, spaces);
  checkTlbs(m, r);
  return r.breaches;
};

const checkTables = (m: Machine, r: Recount, seen: ReadonlySet<TableId>, spaces: readonly Space[]): void => {
  const { tables } = m;
  let uncharged = 0;
  for (let table = 1; table < tables.top; table++) {
    if (tables.level[table] !== 0) continue;
    const found = r.refs.get(table) ?? 0;
    if (tables.refs[table] !== found || found === 0) {
      report(r, 'table-refs', `table ${table}: ${tables.refs[table]} references, ${found} slots point to it`);
    }
    if (tables.payer[table] === 0) uncharged++;
    else if (m.traits.charges === 'everyone') continue;
    else if (!spaces.some((s) => s.id === tables.payer[table])) {
      report(r, 'rss-charged', `table ${table}: its payer ${tables.payer[table]} is gone`);
    } else if (!r.paid.has(table)) {
      report(r, 'payer-holds', `table ${table}: its payer ${tables.payer[table]} does not hold it`);
    }
  }
  if (uncharged !== m.uncharged) report(r, 'uncharged', `${m.uncharged} counted, ${uncharged} found`);
  const live = tables.live[0]! + tables.live[1]! + tables.live[2]! + tables.live[3]!;
  if (seen.size !== tables.live[0]) report(r, 'table-refs', `${tables.live[0]} PTE tables live, ${seen.size} reached`);
  if (m.physical.used !== m.frames.live + live) {
    report(r, 'physical-used', `${m.physical.used} frames used, ${m.frames.live} pages and ${live} tables live`);
  }
};

const liveFiles = (m: Machine): Set<File> => {
  const files = new Set(m.files.values());
  for (const space of m.procs.values()) for (const vma of space.vmas) if (vma.file) files.add(vma.file);
  return files;
};

const checkFrames = (m: Machine, r: Recount, files: ReadonlySet<File>): void => {
  const { frames } = m;
  const cached = new Set<Pfn>();
  for (const file of files) for (const { pfn } of file.pagesFrom(0)) cached.add(pfn);
  let live = 0;
  for (let pfn = ZERO_PFN + 1; pfn < frames.top; pfn++) {
    const state = frames.meta[pfn]!;
    const kind = state & KIND_MASK;
    const mapped = r.mapcounts[pfn]!;
    if (kind === KIND_FREE) continue;
    live++;
    const counted = frames.mapcount(pfn);
    if (counted !== mapped) report(r, 'mapcount', `frame ${pfn}: mapcount ${counted}, ${mapped} entries map it`);
    const held = mapped > 0 || frames.refcount(pfn) > (kind === KIND_FILE ? 1 : 0) || cached.has(pfn);
    if (!held || kind === KIND_ZERO) report(r, 'frame-states', `frame ${pfn} is in use and nothing holds it`);
    if (kind === KIND_FILE && !cached.has(pfn) && !m.orphans.has(pfn)) {
      report(r, 'frame-states', `frame ${pfn} is a file's and in no page cache`);
    }
    const many = r.reachedBy[pfn] === MANY;
    const pinned = kind === KIND_ANON && mapped > 0 && frames.pinsOf(pfn) > 0;
    const folio = (state & EXTRA) !== 0 ? frames.folios.of(pfn) : undefined;
    // Of a folio that is mapped whole the head alone carries the mark.
    const mark = folio && folio.entire > 0 ? frames.meta[folio.head]! : state;
    if (pinned && ((mark & EXCLUSIVE) === 0 || many)) {
      report(
        r,
        'pin-keeps-page',
        `frame ${pfn} is pinned and ${many ? 'reached by several processes' : 'not exclusive'}`,
      );
    }
    if (r.owned[pfn] === 1 && many) {
      report(r, 'exclusive-is-sole', `frame ${pfn} is exclusive in a private table and reached by several`);
    }
    if (r.written[pfn] === 1 && ((state & EXCLUSIVE) === 0 || many)) {
      const exclusive = (state & EXCLUSIVE) !== 0 ? 'exclusive' : 'not exclusive';
      report(
        r,
        'writable-is-exclusive',
        `frame ${pfn}: writable, ${exclusive}, reached by ${many ? 'several' : 'one'}`,
      );
    }
  }
  if (live !== frames.live) report(r, 'frame-states', `${frames.live} frames counted, ${live} found`);
  if ((frames.meta[ZERO_PFN]! & COUNT_MASK) !== 0) report(r, 'mapcount', 'the zero page is counted');
};

/** Where everyone is charged: what a space holds. */
const checkHeld = (m: Machine, r: Recount, space: Space): void => {
  const { tables } = m;
  let [anon, file, swap, count] = [0, 0, 0, 0];
  for (let table = 1; table < tables.top; table++) {
    const level = tables.level[table]!;
    if ((level === 1 || level === 2) && tables.payer[table] === space.id) count++;
  }
  eachTable(m, space, 0, m.geometry.taskSize, m.at, null, ({ table }) => {
    count++;
    anon += tables.anon[table]!;
    file += tables.file[table]!;
    swap += tables.swap[table]!;
    return true;
  });
  if (anon !== space.rssAnon || file !== space.rssShmem || swap !== space.swapEnts) {
    const charged = `${space.rssAnon}+${space.rssShmem}+${space.swapEnts}`;
    report(r, 'rss-charged', `${space.name}: charged ${charged} pages, reaches ${anon}+${file}+${swap}`);
  }
  if (count !== space.tables) {
    report(r, 'pgtables-charged', `${space.name}: charged ${space.tables} tables, holds ${count}`);
  }
};

const checkCharges = (m: Machine, r: Recount, spaces: readonly Space[]): void => {
  const { tables } = m;
  for (const space of spaces) {
    if (m.traits.charges === 'everyone') {
      checkHeld(m, r, space);
      continue;
    }
    let anon = 0;
    let file = 0;
    let swap = 0;
    let count = 0;
    for (let table = 1; table < tables.top; table++) {
      const level = tables.level[table]!;
      if (level > 2 || tables.payer[table] !== space.id) continue;
      count++;
      if (level > 0) continue;
      anon += tables.anon[table]!;
      file += tables.file[table]!;
      swap += tables.swap[table]!;
    }
    if (anon !== space.rssAnon || file !== space.rssShmem || swap !== space.swapEnts) {
      report(
        r,
        'rss-charged',
        `${space.name}: charged ${space.rssAnon}+${space.rssShmem}+${space.swapEnts} pages, pays for ${anon}+${file}+${swap}`,
      );
    }
    if (count !== space.tables) {
      report(r, 'pgtables-charged', `${space.name}: charged ${space.tables} tables, pays for ${count}`);
    }
  }
};

/** What the tables say now. `table` 0: there is none, or a huge leaf. */
const translation = (m: Machine, space: Space, addr: Addr): CachedTranslation => {
  const { at } = m;
  const there = findSlot(m, space, addr, null, at);
  if (there && at.huge) return { pfn: leafPfn(at, addr), writable: at.writable, table: 0 };
  if (!there || at.table === 0) return { pfn: 0, writable: false, table: 0 };
  const words = m.tables.words(at.table);
  const i = Math.floor((addr - at.start) / PAGE_SIZE) * 2;
  const lo = words[i]!;
  const pfn = isPresent(lo) ? entryPfn(lo, words[i + 1]!) : 0;
  return { pfn, writable: at.writable && (lo & RW) !== 0, table: at.table };
};

const checkTlbs = (m: Machine, r: Recount): void => {
  if (!m.tlbs) return;
  for (const space of m.procs.values()) {
    for (const [addr, cached] of m.tlbs.get(space.id)?.entries() ?? []) {
      const { pfn, writable, table } = translation(m, space, addr);
      if (pfn !== cached.pfn || (cached.writable && !writable) || table !== cached.table) {
        const now = `frame ${pfn}${writable ? ' writable' : ''} through table ${table}`;
        const was = `frame ${cached.pfn}${cached.writable ? ' writable' : ''} through table ${cached.table}`;
        report(r, 'no-stale-translation', `${space.name}: ${hex(addr)} is cached as ${was}, the tables say ${now}`);
      }
    }
  }
};
