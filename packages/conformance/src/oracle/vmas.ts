/** The list of VMAs of a process: finding, cutting and joining. @kernel 6.18 mm/vma.c */
import { PAGE_SIZE } from '@forklab/core';
import { FLAG, type FlatAnon, type FlatProc, type FlatVma, STICKY } from './types.js';

/** The VMA that holds `addr`. */
export const vmaAt = (proc: FlatProc, addr: number): FlatVma | undefined =>
  proc.vmas.find((vma) => vma.start <= addr && addr < vma.end);

/** The VMAs that meet [start, end), in order. */
export const vmasIn = (proc: FlatProc, start: number, end: number): readonly FlatVma[] =>
  proc.vmas.filter((vma) => vma.start < end && start < vma.end);

/** Whether some address of [start, end) lies in no VMA. */
export const hasHole = (proc: FlatProc, start: number, end: number): boolean => {
  let at = start;
  for (const vma of vmasIn(proc, start, end)) {
    if (vma.start > at) return true;
    at = vma.end;
  }
  return at < end;
};

/** Page of the file (or of anonymous memory's own numbering) that `addr` shows. */
export const pgoffOf = (vma: FlatVma, addr: number): number => vma.pgoff + (addr - vma.start) / PAGE_SIZE;

const splitAt = (proc: FlatProc, addr: number): void => {
  const vma = vmaAt(proc, addr);
  if (vma === undefined || vma.start === addr) return;
  const upper = { ...vma, start: addr, pgoff: pgoffOf(vma, addr) };
  vma.end = addr;
  proc.vmas.splice(proc.vmas.indexOf(vma) + 1, 0, upper);
};

/** The part of `vma` in [start, end), as a VMA of its own. */
export const isolate = (proc: FlatProc, vma: FlatVma, start: number, end: number): FlatVma => {
  splitAt(proc, Math.min(end, vma.end));
  if (start <= vma.start) return vma;
  splitAt(proc, start);
  return vmaAt(proc, start) as FlatVma;
};

/** Takes [start, end) out of the list. Contents are not touched. */
export const removeVmas = (proc: FlatProc, start: number, end: number): void => {
  splitAt(proc, start);
  splitAt(proc, end);
  const from = proc.vmas.findIndex((vma) => vma.start >= start && vma.start < end);
  if (from >= 0) proc.vmas.splice(from, vmasIn(proc, start, end).length);
};

// One side without an anon_vma is fine only if the other's was not inherited through fork.
const anonFits = (a: FlatAnon | null, b: FlatAnon | null): boolean =>
  a === b || (a === null && b?.inherited === false) || (b === null && a?.inherited === false);

const adjacentAlike = (a: FlatVma, b: FlatVma): boolean =>
  a.end === b.start &&
  a.shared === b.shared &&
  a.file === b.file &&
  a.uffd === b.uffd &&
  ((a.flags ^ b.flags) & ~STICKY) === 0 &&
  pgoffOf(a, a.end) === b.pgoff;

const join = (proc: FlatProc, a: FlatVma | undefined, b: FlatVma | undefined): boolean => {
  if (!a || !b || a.prot !== b.prot || !adjacentAlike(a, b) || !anonFits(a.anon, b.anon)) return false;
  a.end = b.end;
  a.anon ??= b.anon;
  a.flags |= b.flags & STICKY;
  proc.vmas.splice(proc.vmas.indexOf(b), 1);
  return true;
};

/** Joins `vma` with its neighbours where they have become alike: the left one first. Answers what holds it now. */
export const mergeAround = (proc: FlatProc, vma: FlatVma): FlatVma => {
  const i = proc.vmas.indexOf(vma);
  const prev = proc.vmas[i - 1];
  const next = proc.vmas[i + 1];
  const whole = prev !== undefined && join(proc, prev, vma) ? prev : vma;
  join(proc, whole, next);
  return whole;
};

/** Joins `vma` with the one below where they are alike. */
export const mergeLeft = (proc: FlatProc, vma: FlatVma): boolean =>
  join(proc, proc.vmas[proc.vmas.indexOf(vma) - 1], vma);

/** Puts a VMA into free room, and merges it unless told not to. */
export const insertVma = (proc: FlatProc, vma: FlatVma, merges = true): FlatVma => {
  const i = proc.vmas.findIndex((other) => other.start >= vma.end);
  proc.vmas.splice(i < 0 ? proc.vmas.length : i, 0, vma);
  return merges ? mergeAround(proc, vma) : vma;
};

/**
 * A private VMA is written for the first time: it borrows the anon_vma of a neighbour that differs in rights alone, the
 * next one first, or gets its own. @kernel mm/vma.c find_mergeable_anon_vma()
 */
export const ensureAnon = (proc: FlatProc, vma: FlatVma): void => {
  if (vma.anon !== null) return;
  const i = proc.vmas.indexOf(vma);
  const prev = proc.vmas[i - 1];
  const next = proc.vmas[i + 1];
  if (next?.anon?.inherited === false && adjacentAlike(vma, next)) vma.anon = next.anon;
  else if (prev?.anon?.inherited === false && adjacentAlike(prev, vma)) vma.anon = prev.anon;
  else vma.anon = { inherited: false };
};

/** The child's VMAs. @kernel mm/mmap.c dup_mmap() */
export const forkVmas = (vmas: readonly FlatVma[]): FlatVma[] =>
  vmas
    .filter((vma) => !(vma.flags & FLAG.dontfork))
    .map((vma) => ({
      ...vma,
      flags: vma.flags & ~(FLAG.locked | FLAG.uffdWp),
      uffd: null,
      anon: vma.anon === null || vma.flags & FLAG.wipeonfork ? null : { inherited: true },
    }));
