/**
 * Every walker, other than fork, fault and zap of everything, that changes entries of a table and therefore has to ask
 * first whether that table is its own to change. `touch` in a strategy answers for these.
 */
export interface SiteDoc {
  readonly says: string;
  /** What the walker is about to do to entries. */
  readonly effect: 'changes' | 'removes' | 'moves' | 'none';
  /** May the operation still fail with an errno when it asks? Core asks before its point of no return. */
  readonly mayFail: boolean;
  /** The kernel function that does the walk. */
  readonly kernel: string;
}

export const TOUCH_SITES = {
  split: {
    says: 'a VMA is cut in two inside the table, nothing else changes',
    effect: 'none',
    mayFail: true,
    kernel: 'mm/vma.c __split_vma()',
  },
  'munmap part': {
    says: 'a part of what the table maps is unmapped, the rest stays',
    effect: 'removes',
    mayFail: true,
    kernel: 'mm/memory.c zap_pte_range()',
  },
  dontneed: {
    says: 'MADV_DONTNEED of a part of what the table maps, or MADV_FREE',
    effect: 'removes',
    mayFail: true,
    kernel: 'mm/madvise.c madvise_dontneed_single_vma()',
  },
  truncate: {
    says: 'pages of a truncated file leave every table that maps them',
    effect: 'removes',
    mayFail: true,
    kernel: 'mm/memory.c unmap_mapping_range_vma()',
  },
  guard: {
    says: 'guards are put in, over whatever is mapped there, or taken out',
    effect: 'changes',
    mayFail: true,
    kernel: 'mm/madvise.c madvise_guard_install(), madvise_guard_remove()',
  },
  uffd: {
    says: 'userfaultfd write protection of entries changes, or markers for it are put in',
    effect: 'changes',
    mayFail: true,
    kernel: 'mm/userfaultfd.c uffd_wp_range()',
  },
  mprotect: {
    says: 'rights of entries change',
    effect: 'changes',
    mayFail: true,
    kernel: 'mm/mprotect.c change_pte_range()',
  },
  mremap: {
    says: 'entries, or the table itself, move away',
    effect: 'moves',
    mayFail: true,
    kernel: 'mm/mremap.c move_page_tables(), old side',
  },
  'mremap to': {
    says: 'entries move in',
    effect: 'moves',
    mayFail: true,
    kernel: 'mm/mremap.c move_ptes(), new side',
  },
  reclaim: {
    says: 'a page is about to be reclaimed, here and wherever else it is mapped; one that cannot be just stays',
    effect: 'changes',
    mayFail: true,
    kernel: 'mm/rmap.c try_to_unmap_one()',
  },
  gup: {
    says: 'a page is about to be pinned through the table',
    effect: 'none',
    mayFail: true,
    kernel: 'mm/gup.c follow_page_pte()',
  },
  'gup fast': {
    says: 'a page is about to be pinned or referenced through the table, by a walk that takes no lock and sees no VMA',
    effect: 'none',
    mayFail: true,
    kernel: 'mm/gup.c gup_fast_pte_range()',
  },
} as const satisfies Record<string, SiteDoc>;

export type TouchSite = keyof typeof TOUCH_SITES;
