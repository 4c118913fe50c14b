/**
 * anon_vma: the object that reverse mapping of anonymous pages hangs on. The model needs it for what it decides: which
 * VMAs fork copies, and which VMAs may merge.
 *
 * @kernel mm/rmap.c, release 6.18
 */
import type { Vma } from './vma.js';

export class AnonVma {
  /** The anon_vma it was forked from; a root is its own parent. */
  readonly parent: AnonVma;
  /** Children that still have VMAs, itself included when it is a root. */
  numChildren = 0;
  /** VMAs whose own anon_vma this is. */
  numActiveVmas = 0;
  /** Chain links to it: VMAs that may hold its pages. */
  links = 0;

  constructor(parent: AnonVma | null) {
    this.parent = parent ?? this;
    this.parent.numChildren++;
  }
}

const link = (vma: Vma, anonVma: AnonVma): void => {
  // The kernel puts new links at the head of the chain and clones from the tail, so order is kept here the other way.
  vma.chain.push(anonVma);
  anonVma.links++;
};

/** Gives a VMA its anon_vma before its first anonymous page. @kernel __anon_vma_prepare() */
export const anonVmaPrepare = (vma: Vma, reusable: AnonVma | null): void => {
  const anonVma = reusable ?? new AnonVma(null);
  vma.anonVma = anonVma;
  link(vma, anonVma);
  anonVma.numActiveVmas++;
};

/** Links `dst` to all that `src` is linked to. @kernel anon_vma_clone() */
export const anonVmaClone = (dst: Vma, src: Vma): void => {
  for (const anonVma of src.chain) {
    link(dst, anonVma);
    // A childless ancestor that no VMA uses is taken over, so that chains of forks do not grow without end.
    if (!dst.anonVma && src.anonVma && anonVma.numChildren < 2 && anonVma.numActiveVmas === 0) dst.anonVma = anonVma;
  }
  if (dst.anonVma) dst.anonVma.numActiveVmas++;
};

/** Gives a child's VMA its links and an anon_vma of its own. @kernel anon_vma_fork() */
export const anonVmaFork = (vma: Vma, parent: Vma): void => {
  if (!parent.anonVma) return;
  vma.anonVma = null;
  anonVmaClone(vma, parent);
  if (vma.anonVma) return;
  const anonVma = new AnonVma(parent.anonVma);
  anonVma.numActiveVmas++;
  vma.anonVma = anonVma;
  link(vma, anonVma);
};

/** Takes a VMA off everything it is linked to. @kernel unlink_anon_vmas() */
export const unlinkAnonVmas = (vma: Vma): void => {
  for (const anonVma of vma.chain) {
    anonVma.links--;
    if (anonVma.links === 0) anonVma.parent.numChildren--;
  }
  vma.chain.length = 0;
  if (vma.anonVma) vma.anonVma.numActiveVmas--;
  vma.anonVma = null;
};
