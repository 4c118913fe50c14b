/** What the flat model holds: no tables, no frames, no sharing. Types, and the few numbers that go with them. */
import type { Geometry, Prot, UffdMode } from '@forklab/core';

/** A page: what its first word is, and what decides whether a store changes it or a copy. */
export interface FlatPage {
  word: number;
  /** Its process alone has it, since it last wrote it or pinned it: a store changes this very page. */
  exclusive: boolean;
  /** FOLL_PIN. A fork leaves such a page with the parent, and gives the child a copy. */
  pins: number;
}

export interface FlatPin {
  readonly addr: number;
  readonly length: number;
  /** A plain reference: it does not keep the page with its process. */
  readonly get: boolean;
  readonly pages: readonly FlatPage[];
}

/** A file, or the nameless one behind shared anonymous memory. */
export interface FlatFile {
  readonly name: string;
  /** Bytes. */
  size: number;
  /** By page of the file. A page is here from the first access on, and reads as 0 before. */
  readonly pages: Map<number, FlatPage>;
}

/**
 * Who may merge with whom: the identity of an anon_vma. A first write makes one; fork gives each VMA of the child an
 * inherited one of its own. @kernel mm/rmap.c anon_vma_fork(), mm/vma.c is_mergeable_anon_vma()
 */
export interface FlatAnon {
  readonly inherited: boolean;
}

/** A userfaultfd: does the kernel itself take protection off, and does it protect what nobody has touched? */
export interface FlatUffd {
  readonly async: boolean;
  readonly unpopulated: boolean;
}

/** What a process has to do with userfaultfds. */
export interface FlatProtection {
  readonly contexts: Map<UffdMode, FlatUffd>;
  /** Page numbers under write protection. */
  readonly wp: Set<number>;
  /** Page numbers of private anonymous memory that was read before it was written: the zero page is mapped there. */
  readonly zeroes: Set<number>;
  /** Events so far. */
  events: number;
  /** A handler may be waited for. */
  mayWait: boolean;
  /** Events are still known to be right. */
  known: boolean;
}

export interface FlatVma {
  /** Bytes, page aligned. */
  start: number;
  end: number;
  prot: Prot;
  readonly shared: boolean;
  readonly file: FlatFile | null;
  /** Page offset of `start` in the file, or the page number that anonymous memory was first mapped at. */
  pgoff: number;
  /** Sum of `FLAG`s. */
  flags: number;
  anon: FlatAnon | null;
  /** The userfaultfd that it is registered with. */
  uffd: FlatUffd | null;
}

/** Where a heap begins and ends; null before the first brk. */
export interface FlatHeap {
  range: { readonly start: number; readonly end: number } | null;
}

export interface FlatProc {
  readonly name: string;
  readonly geometry: Geometry;
  /** Sorted by address, never overlapping. */
  readonly vmas: FlatVma[];
  /** By page number, the private pages that this process has written. */
  readonly pages: Map<number, FlatPage>;
  /** Page numbers of guards: every access to them is a SIGSEGV. */
  readonly guards: Set<number>;
  readonly uffd: FlatProtection;
  /** Ranges pinned and not yet unpinned, in order. */
  readonly pins: FlatPin[];
  readonly heap: FlatHeap;
  /** It waits for its vfork child, whose memory is its own. */
  waitsFor: string | null;
}

/** The VMA flags that change results or keep neighbours from merging. @kernel include/linux/mm.h VM_* */
export const FLAG = {
  dontfork: 1,
  wipeonfork: 2,
  noreserve: 4,
  account: 8,
  locked: 16,
  nohugepage: 32,
  maybeGuard: 64,
  growsdown: 128,
  hugepage: 256,
  uffdWp: 512,
} as const;

/** The flag that keeps no neighbours from merging: what they become has it when one of them had it. */
export const STICKY: number = FLAG.maybeGuard;

export const isPrivateAnonymous = (vma: FlatVma): boolean => !vma.shared && vma.file === null;

export const canRead = (prot: Prot): boolean => prot !== '---';
export const canWrite = (prot: Prot): boolean => prot[1] === 'w';

/** A page that nobody else has. */
export const newPage = (word = 0): FlatPage => ({ word, exclusive: true, pins: 0 });

/** A process with nothing mapped. */
export const emptyProc = (name: string, geometry: Geometry): FlatProc => ({
  name,
  geometry,
  vmas: [],
  pages: new Map(),
  guards: new Set(),
  uffd: { contexts: new Map(), wp: new Set(), zeroes: new Set(), events: 0, mayWait: true, known: true },
  pins: [],
  heap: { range: null },
  waitsFor: null,
});
