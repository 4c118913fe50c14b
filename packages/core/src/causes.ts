/** Why work is done. */

/** Why work was done: the operation, or the site inside it, that asked for it. */
export const WHY_DOCS = {
  fork: 'fork, copying or sharing for the first time',
  'fork again': 'fork, meeting a table that an earlier fork left shared or uncharged',
  fault: 'a page fault',
  mmap: 'mmap, with what it replaced',
  munmap: 'munmap of whole tables or of pages in a private table',
  'munmap part': 'munmap of a part of what a table maps',
  exit: 'exit or exec',
  dontneed: 'MADV_DONTNEED and MADV_FREE',
  reclaim: 'reclaim of pages, to swap or away',
  truncate: 'truncation of a file',
  brk: 'brk, moving the end of the heap either way',
  mprotect: 'mprotect',
  mremap: 'mremap, at the source',
  'mremap to': 'mremap, at the destination',
  madvise: 'other advice, which changes flags of VMAs',
  guard: 'MADV_GUARD_INSTALL, with what it removes, and MADV_GUARD_REMOVE',
  uffd: 'registering with a userfaultfd, protecting pages and taking protection off',
  mlock: 'mlock and munlock',
  split: 'a VMA split inside a table',
  gup: 'pinning or populating through get_user_pages',
  'gup fast': 'pinning or referencing through a walk without locks',
  'last link': 'the last process let go of a table whose owner is no process',
  setup: 'creating processes and files',
} as const;

export type Why = keyof typeof WHY_DOCS;
export const WHYS = Object.keys(WHY_DOCS) as readonly Why[];
