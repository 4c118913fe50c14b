/**
 * The verbs of the plugin border: each asserts what it needs, acts, and is counted. Nothing else shares, copies, adopts
 * or drops a table. One instance serves each strategy, so that a composition knows who shared what.
 */

import type { LeaveTable } from './as-posted.js';
import { copyEntries, heldIn, pinnedIn } from './copy-entries.js';
import { countAgain, dropCounted, leaveVerbatim, loseTable } from './counted-verbs.js';
import { SHAPE, W, type Why, Y } from './counters.js';
import { assertModel, InvariantViolation } from './errors/violation.js';
import type { File } from './file.js';
import { PAGE_SIZE } from './geometry.js';
import type { InvariantId } from './invariant-list.js';
import type { Machine } from './machine.js';
import { freeUpperTables } from './ops/free-pgtables.js';
import { PTE_LEVEL } from './page-table.js';
import { countPages, dereference, leaveTable, notePayer, setWritable } from './posted-verbs.js';
import { entryHi, entryLo, RW, TABLE_FLAGS } from './pte.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { Addr, FileView, Kernel, KernelField, Slot, SlotPair, SpaceView, TableId, VmaView } from './strategy.js';
import { VM_SHARED, type Vma } from './vma.js';
import { makeSlot } from './walk.js';
import { zapEntries } from './zap-entries.js';

export class Verbs implements Kernel {
  readonly #m: Machine;
  /** Which strategy of a composition this instance serves, plus 1. */
  readonly #tag: number;

  constructor(m: Machine, tag = 0) {
    this.#m = m;
    this.#tag = tag;
  }

  allocTable(slot: Slot, why: Why): 'ok' | 'oom' {
    const at = slot as SlotCursor;
    assertModel(at.table === 0 && !at.huge, 'verb-precondition', 'allocTable needs an empty slot');
    const table = this.freshTable(at.space, why);
    if (table === 0) {
      this.#letHostGo(at.space, why);
      return 'oom';
    }
    at.write(entryLo(table, TABLE_FLAGS), entryHi(table, 0));
    return 'ok';
  }

  copyPtes(pair: SlotPair, why: Why): 'copied' | 'oom' {
    const m = this.#m;
    const src = pair.src as SlotCursor;
    const dst = pair.dst as SlotCursor;
    const first = Math.max(0, (pair.start - src.start) / PAGE_SIZE);
    const last = Math.min(m.geometry.entries, (pair.end - src.start) / PAGE_SIZE);
    const vma = src.vma!;
    const pinned = src.space.hasPins ? pinnedIn(m, src.table, first, last) : 0;
    if (pinned + (dst.table === 0 ? 1 : 0) > m.physical.limit - m.physical.used) {
      m.counters.add(W.ooms, Y[why], 1);
      return 'oom';
    }
    if (dst.table === 0) {
      this.allocTable(dst, why);
      m.counters.add(W.tablesCopied, Y[why], 1);
    }
    const both = src.writable && dst.writable;
    assertModel(both || m.asPosted, 'verb-precondition', 'copyPtes needs private tables on both sides');
    m.actor = dst.space;
    const cow = (vma.flags & VM_SHARED) === 0;
    const copyPinned = pinned > 0 && m.kernel !== '5.6';
    const rights = { cow, protectSource: true, copyPinned, writable: vma.writable, keepWp: false };
    copyEntries(m, src.table, dst.table, first, last, rights, Y[why]);
    return 'copied';
  }

  shareTable(pair: SlotPair, why: Why): void {
    const src = pair.src as SlotCursor;
    const dst = pair.dst as SlotCursor;
    assertModel(dst.table === 0 && src.table !== 0, 'verb-precondition', 'shareTable needs a table and an empty slot');
    const { tables, counters } = this.#m;
    const table = src.table;
    const lo = src.lo & ~RW;
    src.write(lo, src.hi);
    dst.write(lo, src.hi);
    tables.refs[table] = tables.refs[table]! + 1;
    tables.sharedBy[table] = this.#tag;
    counters.add(W.tablesShared, Y[why], 1);
  }

  linkTable(pair: SlotPair, why: Why, writable: boolean): void {
    const src = pair.src as SlotCursor;
    const dst = pair.dst as SlotCursor;
    assertModel(dst.table === 0 && src.table !== 0, 'verb-precondition', 'linkTable needs a table and an empty slot');
    const { tables, counters } = this.#m;
    const table = src.table;
    dst.write((src.lo & ~RW) | (writable ? RW : 0), src.hi);
    tables.refs[table] = tables.refs[table]! + 1;
    tables.linked[table] = 1;
    tables.sharedBy[table] = this.#tag;
    counters.add(W.tablesLinked, Y[why], 1);
    counters.shape |= SHAPE.linked;
  }

  cloneTable(slot: Slot, why: Why, protect: 'both' | 'copy'): 'private' | 'oom' {
    const m = this.#m;
    const at = slot as SlotCursor;
    const old = at.table;
    assertModel(m.tables.refs[old]! > 1, 'verb-precondition', 'cloneTable needs a table with other holders');
    // Shared tables hold no pinned pages, so there is nothing to copy but entries: one allocation can fail.
    const table = this.freshTable(at.space, why);
    if (table === 0) return 'oom';
    let copied = 0;
    for (const vma of at.vmas) {
      const first = Math.max(0, (vma.start - at.start) / PAGE_SIZE);
      const last = Math.min(m.geometry.entries, (vma.end - at.start) / PAGE_SIZE);
      const cow = (vma.flags & VM_SHARED) === 0;
      const { writable, uffdWp: keepWp } = vma;
      const rights = { cow, protectSource: protect === 'both', copyPinned: false, writable, keepWp };
      copied += copyEntries(m, old, table, first, last, rights, Y[why]);
    }
    this.#leave(at, old);
    at.write(entryLo(table, TABLE_FLAGS), entryHi(table, 0));
    m.flushRange(at.space, at.start, at.end, Y[why]);
    m.counters.add(W.tablesBroken, Y[why], 1);
    // The new table is counted as broken in the fault's shape, not once more as an empty one.
    m.counters.shape += SHAPE.broken - SHAPE.table + copied * SHAPE.pte;
    return 'private';
  }

  adoptTable(slot: Slot, why: Why): 'private' {
    const m = this.#m;
    const at = slot as SlotCursor;
    const { table } = at;
    assertModel(m.tables.refs[table] === 1, 'verb-precondition', 'adoptTable needs the last holder');
    at.write(at.lo | RW, at.hi);
    if (m.tables.payer[table] === 0) this.#setPayer(table, at.space);
    m.counters.add(W.tablesAdopted, Y[why], 1);
    m.counters.shape |= SHAPE.adopted;
    return 'private';
  }

  dropTable(slot: Slot, why: Why): number {
    const m = this.#m;
    const at = slot as SlotCursor;
    const { table } = at;
    assertModel(table !== 0, 'verb-precondition', 'dropTable needs a table');
    at.write(0, 0);
    const refs = m.tables.refs[table]!;
    m.counters.add(W.tablesDropped, Y[why], 1);
    if (refs > 1) {
      this.#leave(at, table);
    } else {
      zapEntries(m, table, 0, m.geometry.entries, Y[why]);
      this.#setPayer(table, null);
      this.#free(table, why);
      this.#hostLost(at.space, why);
    }
    // No task runs in a host, so no CPU caches what it maps.
    if (at.space.kind === 'mm') m.flushRange(at.space, at.start, at.end, Y[why]);
    return refs - 1;
  }

  hasPins(slot: Slot, _why: Why): boolean {
    const at = slot as SlotCursor;
    return at.space.hasHeld && heldIn(this.#m, at.table);
  }

  charge(space: SpaceView, table: TableId, _why: Why): void {
    assertModel(this.#m.tables.payer[table] === 0, 'verb-precondition', 'charge needs a table that nobody pays for');
    this.#setPayer(table, space as Space);
  }

  discharge(space: SpaceView, table: TableId, _why: Why): void {
    assertModel(this.#m.tables.payer[table] === space.id, 'verb-precondition', 'discharge needs the payer');
    this.#setPayer(table, null);
  }

  leaveTable(at: Slot, vmas: readonly VmaView[], how: LeaveTable): 'private' | 'oom' {
    return leaveTable(this.#m, at as SlotCursor, vmas, how);
  }

  dereference(at: Slot, flush: boolean): number {
    return dereference(this.#m, at as SlotCursor, flush);
  }

  countPages(at: Slot, vmas: readonly VmaView[], sign: 1 | -1): void {
    countPages(this.#m, at as SlotCursor, vmas, sign);
  }

  notePayer(table: TableId, space: SpaceView | null): void {
    notePayer(this.#m, table, space as Space | null);
  }

  countAgain(src: Slot, dst: Slot, vma: VmaView): Addr | null {
    return countAgain(this.#m, src as SlotCursor, dst as SlotCursor, vma);
  }

  countTable(space: SpaceView, sign: 1 | -1): void {
    (space as Space).tables += sign;
  }

  leaveVerbatim(at: Slot, end: Addr): 'private' | 'oom' {
    return leaveVerbatim(this.#m, at as SlotCursor, end);
  }

  dropCounted(at: Slot): void {
    dropCounted(this.#m, at as SlotCursor);
  }

  loseTable(at: Slot): void {
    loseTable(this.#m, at as SlotCursor);
  }

  markVma(vma: VmaView, mark: number): void {
    (vma as Vma).mark = mark;
  }

  setWritable(at: Slot, writable: boolean): void {
    setWritable(at as SlotCursor, writable);
  }

  suffer(invariant: InvariantId, detail: string): void {
    this.#m.suffer(invariant, detail);
  }

  crash(invariant: InvariantId, detail: string): never {
    throw new InvariantViolation(invariant, detail);
  }

  host(file: FileView, key: string): SpaceView | 'oom' {
    return this.#m.composition.host(file as File, key);
  }

  slotAt(space: SpaceView, addr: Addr): Slot | 'oom' {
    const m = this.#m;
    if (makeSlot(m, space as Space, addr, null, m.spare, Y.fault)) return m.spare;
    this.#letHostGo(space as Space, 'fault');
    return 'oom';
  }

  tableField(_name: string): KernelField {
    const field = new NumberField();
    this.#m.tables.fields.push(field);
    return field;
  }

  spaceField(_name: string): KernelField {
    return new NumberField();
  }

  /** An empty PTE table, held and paid for by a space; 0 when memory is full. */
  freshTable(space: Space, why: Why): TableId {
    const { tables, counters } = this.#m;
    const table = tables.alloc(PTE_LEVEL);
    if (table === 0) {
      counters.add(W.ooms, Y[why], 1);
      return 0;
    }
    tables.refs[table] = 1;
    tables.payer[table] = space.id;
    space.tables++;
    if (space.kind === 'host') space.hostTables++;
    counters.add(W.tablesAllocated, Y[why], 1);
    counters.shape += SHAPE.table;
    return table;
  }

  /** One holder fewer of a table that others hold; its charge goes with it. */
  #leave(at: SlotCursor, table: TableId): void {
    const { tables } = this.#m;
    tables.refs[table] = tables.refs[table]! - 1;
    if (tables.payer[table] === at.space.id) this.#setPayer(table, null);
  }

  #free(table: TableId, why: Why): void {
    const m = this.#m;
    m.uncharged--;
    m.tables.release(table);
    m.counters.add(W.tablesFreed, Y[why], 1);
  }

  #hostLost(space: Space, why: Why): void {
    if (space.kind !== 'host') return;
    space.hostTables--;
    this.#letHostGo(space, why);
  }

  /** A host without a table is no more: its upper tables and its root go, and the next fault makes another one. */
  #letHostGo(space: Space, why: Why): void {
    if (space.kind !== 'host' || space.hostTables > 0) return;
    freeUpperTables(this.#m, space, why);
    this.#m.composition.dropHost(space);
  }

  /** Moves the bill for a table and for what it maps. */
  #setPayer(table: TableId, to: Space | null): void {
    const m = this.#m;
    const { tables } = m;
    const from = m.spaces[tables.payer[table]!];
    const anon = tables.anon[table]!;
    const file = tables.file[table]!;
    const swap = tables.swap[table]!;
    if (from) {
      from.tables--;
      from.rssAnon -= anon;
      from.rssShmem -= file;
      from.swapEnts -= swap;
    } else m.uncharged--;
    if (to) {
      to.tables++;
      to.rssAnon += anon;
      to.rssShmem += file;
      to.swapEnts += swap;
    } else m.uncharged++;
    tables.payer[table] = to === null ? 0 : to.id;
  }
}

/** A strategy's own number per table or space. Sparse: most tables never get one. */
class NumberField implements KernelField {
  readonly #values = new Map<number, number>();

  get(id: number): number {
    return this.#values.get(id) ?? 0;
  }

  set(id: number, value: number): void {
    if (value === 0) this.#values.delete(id);
    else this.#values.set(id, value);
  }
}
