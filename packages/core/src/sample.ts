/**
 * What /proc would print about a process: found by walking its tables (smaps), and what it is charged (status).
 *
 * @kernel fs/proc/task_mmu.c smaps_pte_range(), release 6.18
 */
import { KIND_ANON, KIND_FILE, KIND_MASK } from './frames.js';
import { PAGE_SIZE } from './geometry.js';
import { leafFolio } from './huge-pmd.js';
import type { Machine } from './machine.js';
import { entryPfn, isPresent } from './pte.js';
import type { SlotCursor } from './slot.js';
import type { Space } from './space.js';
import { swappedPages } from './swap-usage.js';
import type { MachineSample, MmCounters, ProcSample, Sample } from './trace/index.js';
import type { Vma } from './vma.js';
import { eachTable } from './walk.js';

const KB = PAGE_SIZE / 1024;
/** Fraction bits that smaps keeps while it adds up shares of pages. @kernel PSS_SHIFT */
const PSS_ONE_PAGE = PAGE_SIZE * 2 ** 12;
const PSS_TO_KB = 2 ** 22;

/** Pages found under one VMA. `pss`: their shares, in PSS_ONE_PAGE a page. */
interface Found {
  anon: number;
  shmem: number;
  private: number;
  shared: number;
  pss: number;
}

/** A huge leaf lies in one VMA, and each of its pages has a mapcount of its own. @kernel smaps_pmd_entry() */
const findHugePages = (m: Machine, at: SlotCursor, found: Found): void => {
  const folio = leafFolio(m, at);
  if (folio === null) return;
  found.anon += folio.pages;
  for (let pfn = folio.head; pfn < folio.head + folio.pages; pfn++) addShare(found, m.frames.mapcount(pfn));
};

const addShare = (found: Found, mapcount: number): void => {
  if (mapcount === 1) {
    found.private++;
    found.pss += PSS_ONE_PAGE;
  } else {
    found.shared++;
    found.pss += Math.floor(PSS_ONE_PAGE / mapcount);
  }
};

const findPages = (m: Machine, space: Space, vma: Vma, found: Found): void => {
  const { frames, tables } = m;
  const leaf = (at: SlotCursor) => {
    findHugePages(m, at, found);
    return true;
  };
  const table = (at: SlotCursor) => {
    const { table } = at;
    if (tables.anon[table] === 0 && tables.file[table] === 0) return true;
    const words = tables.words(table);
    const first = (((Math.max(vma.start, at.start) - at.start) / PAGE_SIZE) * 2) | 0;
    const last = (((Math.min(vma.end, at.end) - at.start) / PAGE_SIZE) * 2) | 0;
    for (let i = first; i < last; i += 2) {
      const lo = words[i]!;
      if (!isPresent(lo)) continue;
      const pfn = entryPfn(lo, words[i + 1]!);
      const kind = frames.meta[pfn]! & KIND_MASK;
      if (kind === KIND_ANON) found.anon++;
      else if (kind === KIND_FILE) found.shmem++;
      else continue;
      addShare(found, frames.mapcount(pfn));
    }
    return true;
  };
  eachTable(m, space, vma.start, vma.end, m.at, vma, table, leaf);
};

/** What the mm is charged. kB. */
const charged = (space: Space): MmCounters => ({
  rssAnon: space.rssAnon * KB,
  rssFile: 0,
  rssShmem: space.rssShmem * KB,
  swap: space.swapEnts * KB,
});

export const sampleProcess = (m: Machine, space: Space): ProcSample => {
  const total: Found = { anon: 0, shmem: 0, private: 0, shared: 0, pss: 0 };
  let pssKb = 0;
  let swapped = 0;
  for (const vma of space.vmas) {
    total.pss = 0;
    swapped += swappedPages(m, space, vma);
    findPages(m, space, vma, total);
    // Each VMA rounds for itself, as each has its own entry in smaps.
    pssKb += Math.floor(total.pss / PSS_TO_KB);
  }
  return {
    vmPte: space.tables * KB,
    rssAnon: total.anon * KB,
    rssFile: 0,
    rssShmem: total.shmem * KB,
    swap: swapped * KB,
    pss: pssKb,
    private: total.private * KB,
    shared: total.shared * KB,
    vmas: space.vmas.length,
    mm: charged(space),
  };
};

export const sampleMachine = (m: Machine): MachineSample => ({
  pageTables: m.tables.liveCount * KB,
  frames: m.frames.live * KB,
  uncharged: m.uncharged * KB,
});

/** Every live process, and the machine. */
export const takeSample = (m: Machine, label: string): Sample => {
  const procs: Record<string, ProcSample> = {};
  for (const [name, space] of m.procs) procs[name] = sampleProcess(m, space);
  return { label, procs, machine: sampleMachine(m) };
};
