/**
 * Freeing tables after their VMAs are gone. What decides is whether a VMA is left in a table's span, not whether the
 * table is empty; it must be empty.
 *
 * @kernel mm/memory.c free_pgtables(), free_pgd_range(), release 6.18
 */
import { W, type Why, Y } from '../counters.js';
import { assertModel } from '../errors/violation.js';
import { alignDown } from '../geometry.js';
import type { Machine } from '../machine.js';
import { allocations, forgetEntries } from '../posted-verbs.js';
import type { Space } from '../space.js';
import type { Addr, TableId } from '../strategy.js';

/** What one run of removed VMAs asks for: [start, end), with the VMAs that remain ending at floor, starting at ceiling. */
interface Run {
  readonly m: Machine;
  readonly space: Space;
  readonly floor: Addr;
  /** Infinity: nothing above. */
  readonly ceiling: Addr;
  readonly why: number;
}

/** Removed VMAs closer than a table's span are one run. `removed` is sorted. */
export const freePgtables = (
  m: Machine,
  space: Space,
  removed: readonly { readonly start: Addr; readonly end: Addr }[],
  floor: Addr,
  ceiling: Addr,
  why: Why,
): void => {
  for (let i = 0; i < removed.length; ) {
    const { start } = removed[i]!;
    let { end } = removed[i]!;
    let next = i + 1;
    while (next < removed.length && removed[next]!.start <= end + m.geometry.slotBytes) end = removed[next++]!.end;
    const above = next < removed.length ? removed[next]!.start : ceiling;
    freePgdRange(m, space, start, end, floor, above, Y[why]);
    i = next;
  }
};

const freePgdRange = (
  m: Machine,
  space: Space,
  start: Addr,
  stop: Addr,
  floor: Addr,
  above: Addr,
  why: number,
): void => {
  const { slotBytes, pgdBytes, bits, mask } = m.geometry;
  let addr = alignDown(start, slotBytes);
  if (addr < floor) addr += slotBytes;
  let ceiling = above;
  if (ceiling !== Number.POSITIVE_INFINITY) {
    ceiling = alignDown(ceiling, slotBytes);
    if (ceiling === 0) return;
  }
  const end = stop > ceiling ? stop - slotBytes : stop;
  if (addr >= end) return;
  const run: Run = { m, space, floor, ceiling, why };
  for (let at = addr; at < end; ) {
    const next = Math.min(alignDown(at, pgdBytes) + pgdBytes, end);
    const index = (Math.floor(at / slotBytes) >>> (2 * bits)) & mask;
    const pud = m.tables.child(space.pgd, index);
    if (pud !== 0) freePudRange(run, pud, index, at, next);
    at = next;
  }
};

const freePudRange = (run: Run, pud: TableId, index: number, start: Addr, end: Addr): void => {
  const { m, space } = run;
  const { slotBytes, pudBytes, pgdBytes, bits, mask } = m.geometry;
  for (let at = start; at < end; ) {
    const next = Math.min(alignDown(at, pudBytes) + pudBytes, end);
    const entry = (Math.floor(at / slotBytes) >>> bits) & mask;
    const pmd = m.tables.child(pud, entry);
    if (pmd !== 0) freePmdRange(run, pud, pmd, entry, at, next);
    at = next;
  }
  if (!wholeSpanFree(run, start, end, pgdBytes)) return;
  m.tables.clearChild(space.pgd, index);
  releaseTable(m, space, pud, run.why);
};

const freePmdRange = (run: Run, pud: TableId, pmd: TableId, index: number, start: Addr, end: Addr): void => {
  const { m, space } = run;
  const { slotBytes, pudBytes, mask } = m.geometry;
  const last = Math.ceil(end / slotBytes);
  for (let slot = Math.floor(start / slotBytes); slot < last; slot++) {
    const table = m.tables.child(pmd, slot & mask);
    assertModel(!m.tables.isLeaf(pmd, slot & mask), 'freed-table-empty', 'a huge page was left where no VMA is');
    if (table === 0) continue;
    if (m.asPosted) {
      freeAsPosted(m, space, table, run.why);
      m.tables.clearChild(pmd, slot & mask);
      continue;
    }
    assertModel(m.tables.refs[table] === 1, 'table-refs', 'a shared table was left in a slot whose VMAs are gone');
    assertModel(m.tables.used[table] === 0, 'freed-table-empty', 'a table with entries was about to be freed');
    m.tables.clearChild(pmd, slot & mask);
    releaseTable(m, space, table, run.why);
  }
  if (!wholeSpanFree(run, start, end, pudBytes)) return;
  m.tables.clearChild(pud, index);
  releaseTable(m, space, pmd, run.why);
};

/** No VMA is left in the upper table's span. */
const wholeSpanFree = (run: Run, start: Addr, end: Addr, span: number): boolean => {
  if (alignDown(start, span) < run.floor) return false;
  if (run.ceiling === Number.POSITIVE_INFINITY) return true;
  const ceiling = alignDown(run.ceiling, span);
  return ceiling !== 0 && end <= ceiling;
};

/** Frees a table that its space alone holds, and takes it off whoever pays. */
export const releaseTable = (m: Machine, space: Space, table: TableId, why: number): void => {
  const payer = m.spaces[m.tables.payer[table]!];
  if (m.asPosted) {
    space.tables--;
    if (m.tables.payer[table] === 0) m.uncharged--;
  } else if (payer) payer.tables--;
  else m.uncharged--;
  if (space.kind === 'host' && m.tables.level[table] === 0) space.hostTables--;
  m.tables.release(table);
  m.counters.add(W.tablesFreed, why, 1);
};

/** That kernel frees what the slot points to, whoever else holds it and whatever is in it. */
const freeAsPosted = (m: Machine, space: Space, table: TableId, why: number): void => {
  const left = m.tables.refs[table]! - 1;
  if (m.strategy.freeTable?.(table) === 'leave') {
    m.tables.refs[table] = left;
    return;
  }
  forgetEntries(m, table);
  if (left === 0) {
    releaseTable(m, space, table, why);
    return;
  }
  m.suffer('table-refs', `${space.name} frees table ${table}, which ${left} more slots point to`);
  m.tables.refs[table] = left;
  m.dangling.set(table, allocations(m));
  space.tables--;
  m.tables.live[0]!--;
};

/** Frees every table between the root and the (absent) PTE tables of a space. */
export const freeUpperTables = (m: Machine, space: Space, why: Why): void => {
  const { tables, geometry } = m;
  for (let i = 0; i < geometry.entries; i++) {
    const pud = tables.child(space.pgd, i);
    if (pud === 0) continue;
    for (let j = 0; j < geometry.entries; j++) {
      const pmd = tables.child(pud, j);
      if (pmd === 0) continue;
      tables.clearChild(pud, j);
      releaseTable(m, space, pmd, Y[why]);
    }
    tables.clearChild(space.pgd, i);
    releaseTable(m, space, pud, Y[why]);
  }
};
