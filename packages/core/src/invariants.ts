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
import type { Machine } from './machine.js';
import { entryPfn, RW } from './pte.js';
import { checkSlot, checkVmaOrder, countEntries, hex, MANY, type Recount, report } from './recount.js';
import { checkFolios, checkLeaf } from './recount-leaf.js';
import { checkPins, checkUpperTables } from './recount-upper.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { Addr, Pfn, TableId } from './strategy.js';
import type { CachedTranslation } from './tlb.js';
import { eachTable, findSlot } from './walk.js';

export const INVARIANTS = {
  'table-refs': 'A table has as many references as slots point to it, and at least one.',
  'table-levels':
    'An upper entry points to a live table one level down, which has no other parent above the PTE level.',
  'same-place': 'All holders of a copy-on-write table have it at the same address, each once.',
  'payer-holds': 'Who pays for a table holds it.',
  'cow-slot-read-only': 'A slot of a table that others hold copy-on-write is never writable.',
  'freed-table-empty': 'A table is empty when it is freed.',
  'table-counts':
    "A table's counts of anonymous, file, swap, non-present and all entries equal a recount of its entries.",
  'entry-legal': 'An entry is none, present, PROT_NONE, a swap entry or a marker, and what it points to is in use.',
  'entry-in-vma': 'Every entry that a process reaches lies in one of its VMAs and suits it.',
  'rights-within-vma': 'No entry gives a right that the VMA does not give.',
  'writable-is-exclusive': 'An anonymous page that can be written is exclusive and reached by one process alone.',
  'exclusive-is-sole': 'An exclusive page in a private table is reached by one process alone.',
  'once-per-process': 'An anonymous page is mapped at most once in a process.',
  mapcount: "A page's mapcount equals the number of entries that map it.",
  'folio-counts': "A large folio's counts of mappings, of whole ones and of pins equal a recount.",
  deposits: 'Under each huge entry waits one empty table of the same space, and nowhere else.',
  'frame-states': 'A frame is free exactly when no entry, page cache or pin holds it.',
  'rss-charged': 'What a space is charged equals the pages in the tables it pays for.',
  'pgtables-charged': 'What a space is charged for tables equals the tables it pays for.',
  uncharged: 'The count of tables that nobody pays for equals a recount.',
  'physical-used': 'Frames in use equal live pages and live tables.',
  'no-stale-translation': 'No cached translation gives another frame, or more rights, than the tables do.',
  'pin-counts': "A page's pins are those that processes hold.",
  'pin-keeps-page': 'A pinned anonymous page that is mapped is exclusive and reached by one process alone.',
  'vma-order': 'VMAs are sorted, not empty, and do not overlap.',
  'no-change-while-shared':
    'Nothing is installed into, changed in or removed from a table that others hold copy-on-write.',
  'verdict-fits': "A strategy's verdict describes what it left behind.",
  'verb-precondition': 'A verb is used only where it applies.',
  'fault-makes-progress': 'An access that faults without end is a table that nobody puts in order.',
} as const;

export type InvariantId = keyof typeof INVARIANTS;

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
  checkFrames(m, r);
  checkPins(m, r, spaces);
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

const cachedFrames = (m: Machine): Set<Pfn> => {
  const cached = new Set<Pfn>();
  const files = new Set([...m.files.values()]);
  for (const space of m.procs.values()) for (const vma of space.vmas) if (vma.file) files.add(vma.file);
  for (const file of files) for (const { pfn } of file.pagesFrom(0)) cached.add(pfn);
  return cached;
};

const checkFrames = (m: Machine, r: Recount): void => {
  const { frames } = m;
  const cached = cachedFrames(m);
  let live = 0;
  for (let pfn = ZERO_PFN + 1; pfn < frames.top; pfn++) {
    const state = frames.meta[pfn]!;
    const kind = state & KIND_MASK;
    const mapped = r.mapcounts[pfn]!;
    if (kind === KIND_FREE) continue;
    live++;
    if (frames.mapcount(pfn) !== mapped) {
      report(r, 'mapcount', `frame ${pfn}: mapcount ${frames.mapcount(pfn)}, ${mapped} entries map it`);
    }
    const held = mapped > 0 || cached.has(pfn) || (state & EXTRA) !== 0;
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

const checkCharges = (m: Machine, r: Recount, spaces: readonly Space[]): void => {
  const { tables } = m;
  for (const space of spaces) {
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
  const pfn = lo !== 0 ? entryPfn(lo, words[i + 1]!) : 0;
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
