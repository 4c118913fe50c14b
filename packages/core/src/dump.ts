/**
 * The notation in which tables are written down, in dumps, failures and docs: one line a table, one mark a page entry.
 *
 * ```
 *   p0   100000000000-100000200000  t7   rw refs 1  p0 pays   512 of 512  WWWW....r
 * ```
 *
 * Marks: `.` none, `0` zero page, `r` and `W` a page this table alone maps (read-only, writable), `s` a page that other
 * tables map too, `f` and `F` a page of a file (read-only, writable), `n` PROT_NONE, `S` a swap entry, `g` a guard, `m`
 * another marker. A run of marks longer than three is
 * written as mark and count. A huge page has a line of its own, with the table that waits under it.
 */
import { KIND_ANON, KIND_FILE, KIND_MASK } from './frames.js';
import { leafFolio } from './huge-pmd.js';
import type { Machine } from './machine.js';
import { entryPfn, GUARD, isPresent, isSwap, PROTNONE, RW } from './pte.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import type { TableId } from './strategy.js';
import { VM_HUGEPAGE, VM_NOHUGEPAGE, type Vma } from './vma.js';
import { eachTable } from './walk.js';

const hex = (n: number): string => n.toString(16);

const mark = (m: Machine, lo: number, hi: number): string => {
  if (lo === 0) return '.';
  if (!isPresent(lo)) return isSwap(lo) ? 'S' : (lo & GUARD) !== 0 ? 'g' : 'm';
  const pfn = entryPfn(lo, hi);
  const kind = m.frames.meta[pfn]! & KIND_MASK;
  if ((lo & PROTNONE) !== 0) return 'n';
  if (kind === KIND_FILE) return (lo & RW) !== 0 ? 'F' : 'f';
  if (kind !== KIND_ANON) return '0';
  if ((lo & RW) !== 0) return 'W';
  return m.frames.mapcount(pfn) > 1 ? 's' : 'r';
};

/** The entries of a PTE table as runs of marks. */
export const dumpEntries = (m: Machine, table: TableId): string => {
  const words = m.tables.words(table);
  let out = '';
  let run = '';
  const flush = () => {
    out += run.length > 3 ? `${run[0]}x${run.length} ` : run === '' ? '' : `${run} `;
    run = '';
  };
  for (let i = 0; i < m.geometry.words; i += 2) {
    const next = mark(m, words[i]!, words[i + 1]!);
    if (run !== '' && run[0] !== next) flush();
    run += next;
  }
  flush();
  return out.trimEnd();
};

const tableLine = (m: Machine, space: Space, at: SlotCursor): string => {
  const { table } = at;
  const payer = m.spaces[m.tables.payer[table]!];
  const bits = at.writable ? 'rw' : 'ro';
  const pays = payer ? `${payer.name} pays` : 'nobody pays';
  const used = `${m.tables.used[table]} of ${m.geometry.entries}`;
  const range = `${hex(at.start)}-${hex(at.end)}`;
  return `${space.name}  ${range}  t${table} ${bits} refs ${at.refs}  ${pays}  ${used}  ${dumpEntries(m, table)}`;
};

const leafLine = (m: Machine, space: Space, at: SlotCursor): string => {
  const folio = leafFolio(m, at);
  const bits = at.writable ? 'rw' : 'ro';
  const what = folio ? `huge page ${folio.head} mapped ${folio.mapcount}` : 'huge zero page';
  const under = m.tables.deposited(at.parent, at.index);
  return `${space.name}  ${hex(at.start)}-${hex(at.end)}  leaf ${bits} ${what}  t${under} under it`;
};

const vmaLine = (space: Space, vma: Vma): string => {
  const rights = `${vma.readable ? 'r' : '-'}${vma.writable ? 'w' : '-'}${vma.executable ? 'x' : '-'}`;
  const what = vma.file ? `file ${vma.file.name || '(shared anonymous)'} page ${vma.pgoff}` : 'anonymous';
  const huge = (vma.flags & VM_HUGEPAGE) !== 0 ? 'hugepage' : (vma.flags & VM_NOHUGEPAGE) !== 0 ? 'nohugepage' : '';
  const flags = [huge, vma.dontCopy ? 'dontfork' : '', vma.wipeOnFork ? 'wipeonfork' : '', vma.locked ? 'locked' : ''];
  const range = `${hex(vma.start)}-${hex(vma.end)}`;
  const extra = flags.filter((flag) => flag !== '').join(' ');
  return `${space.name}  ${range}  vma ${rights}${vma.shared ? 's' : 'p'} ${what}${extra ? ` ${extra}` : ''}`;
};

/** A process's VMAs and tables, one line each. */
export const dumpProcess = (m: Machine, space: Space): string[] => {
  const lines = space.vmas.map((vma) => vmaLine(space, vma));
  const table = (at: SlotCursor) => lines.push(tableLine(m, space, at)) > 0;
  const leaf = (at: SlotCursor) => lines.push(leafLine(m, space, at)) > 0;
  eachTable(m, space, 0, m.geometry.taskSize, m.at, null, table, leaf);
  return lines;
};

/** The same, by name, as one text. Throws when no live process has the name. */
export const dumpSpace = (m: Machine, name: string): string => dumpProcess(m, m.proc(name)).join('\n');
