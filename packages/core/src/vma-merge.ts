/**
 * When neighbouring VMAs become one, and how one becomes two.
 *
 * @kernel mm/vma.c, release 6.18
 */
import { type AnonVma, anonVmaClone, anonVmaPrepare, unlinkAnonVmas } from './anon-vma.js';
import type { File } from './file.js';
import { PAGE_SIZE } from './geometry.js';
import type { Space } from './space.js';
import type { Addr } from './strategy.js';
import type { UffdContext } from './uffd-context.js';
import { findVmaIndex, insertVma, removeVma, VM_ACCESS, VM_STICKY, Vma } from './vma.js';

/** A range that is to get these attributes, and whose neighbours may have them already. @kernel vma_merge_struct */
interface Proposal {
  readonly start: Addr;
  readonly end: Addr;
  readonly flags: number;
  readonly pgoff: number;
  readonly file: File | null;
  readonly anonVma: AnonVma | null;
  readonly uffd: UffdContext | null;
  /** The VMA that is being changed; null for a new range. */
  readonly middle: Vma | null;
  /** The VMA whose pages move into the range (mremap). */
  readonly copiedFrom: Vma | null;
}

/** Linked to more than its own anon_vma: it was inherited and its pages may still be an ancestor's. */
const hadUncowedParents = (vma: Vma | null): boolean => vma !== null && vma.anonVma !== null && vma.chain.length !== 1;

/** @kernel is_mergeable_anon_vma() */
const anonVmasMergeable = (p: Proposal, target: Vma): boolean => {
  if (!target.anonVma && p.anonVma) return !hadUncowedParents(p.middle) && !hadUncowedParents(p.copiedFrom);
  if (target.anonVma && !p.anonVma) return !hadUncowedParents(target);
  return target.anonVma === p.anonVma;
};

/** @kernel is_mergeable_vma() */
const sameFlags = (a: number, b: number): boolean => ((a ^ b) & ~VM_STICKY) === 0;

/** What has merged keeps the sticky flags of all its parts. */
const keepSticky = (merged: Vma, ...parts: readonly { readonly flags: number }[]): void => {
  for (const { flags } of parts) if ((flags & ~merged.flags) !== 0) merged.setFlags(merged.flags | (flags & VM_STICKY));
};

/** @kernel can_vma_merge_left() */
const canMergeLeft = (p: Proposal, prev: Vma | undefined): prev is Vma =>
  prev !== undefined &&
  prev.end === p.start &&
  sameFlags(prev.flags, p.flags) &&
  prev.file === p.file &&
  prev.uffd === p.uffd &&
  prev.pgoff + prev.pages === p.pgoff &&
  anonVmasMergeable(p, prev);

/** @kernel can_vma_merge_right() */
const canMergeRight = (p: Proposal, next: Vma | undefined): next is Vma =>
  next !== undefined &&
  next.start === p.end &&
  sameFlags(next.flags, p.flags) &&
  next.file === p.file &&
  next.uffd === p.uffd &&
  next.pgoff === p.pgoff + (p.end - p.start) / PAGE_SIZE &&
  anonVmasMergeable(p, next);

/** Each side suits the range; do they suit each other? @kernel are_anon_vmas_compatible() */
const neighboursCompatible = (prev: Vma, next: Vma): boolean =>
  !prev.anonVma || !next.anonVma || prev.anonVma === next.anonVma;

/** The expanding VMA takes over the anon_vma of the one it swallows. @kernel dup_anon_vma() */
const dupAnonVma = (dst: Vma, src: Vma): void => {
  if (!src.anonVma || dst.anonVma) return;
  dst.anonVma = src.anonVma;
  anonVmaClone(dst, src);
};

const swallow = (space: Space, gone: Vma): void => {
  unlinkAnonVmas(gone);
  removeVma(space.vmas, gone);
  space.merges++;
};

/** Tries to grow a neighbour over a new range. Answers the VMA that now holds it. @kernel vma_merge_new_range() */
export const mergeNewRange = (
  space: Space,
  range: {
    start: Addr;
    end: Addr;
    flags: number;
    pgoff: number;
    file: File | null;
    anonVma: AnonVma | null;
    uffd: UffdContext | null;
  },
  copiedFrom: Vma | null = null,
): Vma | null => {
  const p: Proposal = { ...range, middle: null, copiedFrom };
  const at = findVmaIndex(space.vmas, p.start);
  const prev = space.vmas[at - 1];
  const next = space.vmas[at];
  const left = canMergeLeft(p, prev);
  const right = canMergeRight(p, next) && (!left || neighboursCompatible(prev, next));
  const target = left ? prev : right ? next : null;
  if (target === null) return null;
  if (left && right) {
    dupAnonVma(prev, next!);
    keepSticky(prev, next!);
  }
  keepSticky(target, p);
  if (copiedFrom) dupAnonVma(target, copiedFrom);
  if (left) prev.end = right ? next!.end : p.end;
  else {
    target.start = p.start;
    target.pgoff = p.pgoff;
  }
  if (left && right) swallow(space, next!);
  else space.merges++;
  return target;
};

/** Grows a VMA upwards over a new range if it has these attributes, whatever lies behind. @kernel vmg->just_expand */
export const expandLeft = (space: Space, prev: Vma, range: Omit<Proposal, 'middle' | 'copiedFrom'>): boolean => {
  if (!canMergeLeft({ ...range, middle: null, copiedFrom: null }, prev)) return false;
  prev.end = range.end;
  space.merges++;
  return true;
};

/** Tries to merge a part of a VMA, whose flags change, into its neighbours. @kernel vma_merge_existing_range() */
const mergeExistingRange = (
  space: Space,
  vma: Vma,
  start: Addr,
  end: Addr,
  flags: number,
  uffd: UffdContext | null,
): Vma | null => {
  const leftSide = start === vma.start;
  const rightSide = end === vma.end;
  if (!leftSide && !rightSide) return null;
  const pgoff = vma.pgoff + (start - vma.start) / PAGE_SIZE;
  const { file, anonVma } = vma;
  const p: Proposal = { start, end, flags, pgoff, file, anonVma, uffd, middle: vma, copiedFrom: null };
  const at = space.vmas.indexOf(vma);
  const prev = leftSide ? space.vmas[at - 1] : undefined;
  const next = rightSide ? space.vmas[at + 1] : undefined;
  const left = canMergeLeft(p, prev);
  const right = canMergeRight(p, next) && (!left || neighboursCompatible(prev, next));
  if (!left && !right) return null;
  const whole = leftSide && rightSide;
  keepSticky(left ? prev : next!, p);
  if (left && right) {
    keepSticky(prev, next!);
    dupAnonVma(prev, next!.anonVma ? next! : vma);
    prev.end = next!.end;
    swallow(space, vma);
    swallow(space, next!);
    return prev;
  }
  if (left) {
    dupAnonVma(prev, vma);
    prev.end = end;
    if (whole) swallow(space, vma);
    else moveStart(vma, end);
    return prev;
  }
  dupAnonVma(next!, vma);
  next!.pgoff -= (next!.start - start) / PAGE_SIZE;
  next!.start = start;
  if (whole) swallow(space, vma);
  else vma.end = start;
  return next!;
};

const moveStart = (vma: Vma, start: Addr): void => {
  vma.pgoff += (start - vma.start) / PAGE_SIZE;
  vma.start = start;
};

/** Cuts a VMA at an address inside it: `vma` keeps the side named, the other is new. @kernel __split_vma() */
export const splitVma = (space: Space, vma: Vma, addr: Addr, keep: 'low' | 'high'): Vma => {
  space.beforeSplit?.(vma, addr);
  const pgoff = vma.pgoff + (addr - vma.start) / PAGE_SIZE;
  const fresh =
    keep === 'low'
      ? new Vma(addr, vma.end, vma.flags, pgoff, vma.file)
      : new Vma(vma.start, addr, vma.flags, vma.pgoff, vma.file);
  fresh.mark = vma.mark;
  fresh.anonVma = vma.anonVma;
  fresh.uffd = vma.uffd;
  anonVmaClone(fresh, vma);
  if (keep === 'low') vma.end = addr;
  else moveStart(vma, addr);
  insertVma(space.vmas, fresh);
  space.splits++;
  return fresh;
};

/** Gives a part of a VMA other flags: by merging it away, else by splitting. @kernel vma_modify() */
export const modifyFlags = (
  space: Space,
  vma: Vma,
  start: Addr,
  end: Addr,
  flags: number,
  uffd: UffdContext | null = vma.uffd,
): Vma => {
  const merged = mergeExistingRange(space, vma, start, end, flags, uffd);
  if (merged) return merged;
  if (vma.start < start) splitVma(space, vma, start, 'high');
  if (vma.end > end) splitVma(space, vma, end, 'low');
  vma.setFlags(flags);
  vma.uffd = uffd;
  return vma;
};

/** Two neighbours that could share an anon_vma, had they the same access rights. @kernel anon_vma_compatible() */
const anonVmaCompatible = (a: Vma, b: Vma): boolean =>
  a.end === b.start &&
  a.file === b.file &&
  ((a.flags ^ b.flags) & ~(VM_ACCESS | VM_STICKY)) === 0 &&
  b.pgoff === a.pgoff + (b.start - a.start) / PAGE_SIZE;

const reusable = (owner: Vma, a: Vma, b: Vma): AnonVma | null =>
  anonVmaCompatible(a, b) && owner.anonVma && owner.chain.length === 1 ? owner.anonVma : null;

/** Makes sure that a VMA has an anon_vma, borrowing a neighbour's where that keeps a later merge possible. */
export const prepareAnon = (space: Space, vma: Vma): void => {
  if (vma.anonVma) return;
  const at = space.vmas.indexOf(vma);
  const next = space.vmas[at + 1];
  const prev = space.vmas[at - 1];
  const borrowed = (next && reusable(next, vma, next)) ?? (prev && reusable(prev, prev, vma)) ?? null;
  anonVmaPrepare(vma, borrowed);
};
