/** The recount that invariants compare with: what slots and entries really are, found by walking everything. */

import { EXCLUSIVE, KIND_ANON, KIND_FILE, KIND_FREE, KIND_MASK, ZERO_PFN } from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import type { InvariantId } from './invariant-list.js';
import type { Breach } from './invariants.js';
import type { Machine } from './machine.js';
import { entryPfn, isMarker, isPresent, isSwap, PROTNONE, RW, SPECIAL, UFFD_WP } from './pte.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { Pfn, TableId } from './strategy.js';
import { recountTable, type Tally } from './tally.js';
import { findVmaIndex, type Vma } from './vma.js';

export const hex = (n: number): string => `0x${n.toString(16)}`;

const TALLIED = ['anon', 'file', 'swap', 'foreign', 'used'] as const satisfies readonly (keyof Tally)[];

/** In `reachedBy`: more than one space. */
export const MANY = -1;

/** The recount: what slots, entries and charges really are. */
export interface Recount {
  readonly refs: Map<TableId, number>;
  /** Entries that map a frame, by frame number. */
  readonly mapcounts: Uint32Array;
  /** The space that reaches an anonymous frame: its id, 0 for none, MANY for several. */
  readonly reachedBy: Int32Array;
  /** 1: some space reaches the frame with write permission. */
  readonly written: Uint8Array;
  /** 1: some space reaches it through a table of its own, and it is exclusive. */
  readonly owned: Uint8Array;
  /** Where, and in which space, a copy-on-write table was met last. */
  readonly places: Map<TableId, { readonly start: number; readonly space: number }>;
  /** PTE tables whose payer holds them. */
  readonly paid: Set<TableId>;
  /** Huge leaves that map a folio, by its first frame. */
  readonly leaves: Map<Pfn, number>;
  readonly breaches: Breach[];
  readonly limit: number;
}

export const report = (r: Recount, invariant: InvariantId, detail: string): void => {
  if (r.breaches.length < r.limit) r.breaches.push({ invariant, detail });
};

export const checkVmaOrder = (r: Recount, space: Space): void => {
  let end = 0;
  for (const vma of space.vmas) {
    if (vma.start < end || vma.end <= vma.start) {
      report(r, 'vma-order', `${space.name}: ${hex(vma.start)}-${hex(vma.end)} after ${hex(end)}`);
    }
    end = vma.end;
  }
};

const checkPlace = (r: Recount, space: Space, at: SlotCursor): void => {
  const before = r.places.get(at.table);
  r.places.set(at.table, { start: at.start, space: space.id });
  if (before === undefined || (before.start === at.start && before.space !== space.id)) return;
  const where = before.space === space.id ? 'twice in one process' : `and at ${hex(before.start)} in another`;
  report(r, 'same-place', `${space.name}: table ${at.table} at ${hex(at.start)}, ${where}`);
};

/** One slot of one space: references, and every entry seen through it. */
export const checkSlot = (m: Machine, r: Recount, space: Space, at: SlotCursor): void => {
  const { table, writable } = at;
  const { tables } = m;
  r.refs.set(table, (r.refs.get(table) ?? 0) + 1);
  if (tables.payer[table] === space.id) r.paid.add(table);
  if (tables.linked[table] === 0) checkPlace(r, space, at);
  if (writable && tables.refs[table]! > 1 && tables.linked[table] === 0) {
    report(r, 'cow-slot-read-only', `${space.name}: the slot at ${hex(at.start)} may write table ${table}`);
  }
  const words = tables.words(table);
  const vmas = space.vmas;
  let v = findVmaIndex(vmas, at.start);
  for (let k = 0; k < m.geometry.entries; k++) {
    const lo = words[k * 2]!;
    if (lo === 0) continue;
    const addr = at.start + k * PAGE_SIZE;
    const pfn = entryPfn(lo, words[k * 2 + 1]!);
    if (space.kind === 'mm') {
      while (v < vmas.length && vmas[v]!.end <= addr) v++;
      const vma = vmas[v];
      checkEntry(m, r, space, vma && vma.start <= addr ? vma : null, addr, lo, pfn, writable);
    }
    if (!isPresent(lo)) continue;
    const kind = m.frames.meta[pfn]! & KIND_MASK;
    if (kind !== KIND_ANON) continue;
    const before = r.reachedBy[pfn]!;
    if (before === space.id) {
      report(r, 'once-per-process', `${space.name}: frame ${pfn} at ${hex(addr)} is mapped elsewhere, too`);
    }
    if (writable && (m.frames.meta[pfn]! & EXCLUSIVE) !== 0) r.owned[pfn] = 1;
    if (before !== space.id) r.reachedBy[pfn] = before === 0 ? space.id : MANY;
    if (writable && (lo & RW) !== 0) r.written[pfn] = 1;
  }
};

const checkEntry = (
  m: Machine,
  r: Recount,
  space: Space,
  vma: Vma | null,
  addr: number,
  lo: number,
  pfn: Pfn,
  slotWritable: boolean,
): void => {
  // A function, since there are many entries and few findings.
  const where = () => `${space.name}: the entry at ${hex(addr)}`;
  if (!vma) {
    report(r, 'entry-in-vma', `${where()} lies in no VMA`);
    return;
  }
  if (!isPresent(lo)) return;
  const kind = m.frames.meta[pfn]! & KIND_MASK;
  if (vma.shared && kind !== KIND_FILE) report(r, 'entry-in-vma', `${where()} maps a private page in a shared VMA`);
  if (kind === KIND_FILE && (!vma.file || vma.file.page(vma.fileIndex(addr)) !== pfn)) {
    report(r, 'entry-in-vma', `${where()} maps another page than the file has there`);
  }
  if (slotWritable && (lo & (RW | UFFD_WP)) === (RW | UFFD_WP) && vma.uffd && !space.strayWp) {
    report(r, 'wp-not-writable', `${where()} may be written, and no userfaultfd would notice`);
  }
  if (slotWritable && (lo & RW) !== 0 && !vma.writable) report(r, 'rights-within-vma', `${where()} may be written`);
  if ((lo & PROTNONE) === 0 && !vma.readable && !vma.writable && !vma.executable) {
    report(r, 'rights-within-vma', `${where()} may be read in a PROT_NONE mapping`);
  }
};

/** One table's entries, each table once. */
export const countEntries = (m: Machine, r: Recount, table: TableId): void => {
  const { tables, frames, geometry } = m;
  const words = tables.words(table);
  const weight = m.traits.charges === 'everyone' ? tables.refs[table]! : 1;
  const count = recountTable(words, frames);
  const running: Tally = {
    anon: tables.anon[table]!,
    file: tables.file[table]!,
    swap: tables.swap[table]!,
    foreign: tables.foreign[table]!,
    used: tables.used[table]!,
  };
  if (TALLIED.some((key) => count[key] !== running[key])) {
    report(r, 'table-counts', `table ${table}: counted ${JSON.stringify(running)}, found ${JSON.stringify(count)}`);
  }
  for (let i = 0; i < geometry.words; i += 2) {
    const lo = words[i]!;
    if (lo === 0) continue;
    if (!isPresent(lo)) {
      if (isSwap(lo) === isMarker(lo)) report(r, 'entry-legal', `table ${table}: entry ${i / 2} is nothing known`);
      continue;
    }
    const pfn = entryPfn(lo, words[i + 1]!);
    const state = frames.meta[pfn] ?? KIND_FREE;
    if ((state & KIND_MASK) === KIND_FREE) {
      report(r, 'entry-legal', `table ${table}: entry ${i / 2} points to frame ${pfn}, which is free`);
    }
    if ((lo & SPECIAL) !== 0 || pfn === ZERO_PFN) continue;
    r.mapcounts[pfn] = r.mapcounts[pfn]! + weight;
  }
};
