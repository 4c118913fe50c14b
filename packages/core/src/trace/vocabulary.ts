/** The closed lists of words that a trace may use, and the types made of them. */

/** Flags of mmap: exactly one of `private` and `shared`, and any of the others. */
export const MMAP_FLAGS = [
  'private',
  'shared',
  'anonymous',
  'fixed',
  'populate',
  'noreserve',
  'growsdown',
  'hugetlb',
] as const;
export type MmapFlag = (typeof MMAP_FLAGS)[number];

export const ADVICES = [
  'normal',
  'dontneed',
  'free',
  'dontfork',
  'dofork',
  'wipeonfork',
  'keeponfork',
  'populate_read',
  'populate_write',
  'cold',
  'pageout',
  'hugepage',
  'nohugepage',
  'mergeable',
  'unmergeable',
  'guard_install',
  'guard_remove',
] as const;
export type Advice = (typeof ADVICES)[number];

/** Which private anonymous memory gets transparent huge pages. @see MachineOptions.thp */
export const THP_MODES = ['never', 'madvise', 'always'] as const;
export type ThpMode = (typeof THP_MODES)[number];
/**
 * Kinds of userfaultfd write protection, each with a userfaultfd of its own: an event for each page written to; the same,
 * for addresses that map nothing, too; no event, the kernel takes the protection off and so notes the write.
 */
export const UFFD_MODES = ['wp', 'wp-unpopulated', 'wp-async'] as const;
export type UffdMode = (typeof UFFD_MODES)[number];

export const TOUCH_PATTERNS = ['uniform', 'zipf', 'sequential'] as const;
export type TouchPattern = (typeof TOUCH_PATTERNS)[number];

/** Ways to hold pages: a pin by a walk that takes locks, a pin by one that takes none first, a reference. */
export const PIN_HOWS = ['slow', 'fast', 'get'] as const;
export type PinHow = (typeof PIN_HOWS)[number];

export const SHARE_KINDS = ['mm-owned', 'file-owned', 'object-owned'] as const;
export type ShareKind = (typeof SHARE_KINDS)[number];

/** Three characters: `r` or `-`, `w` or `-`, `x` or `-`. */
export const PROTS = ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx'] as const;
export type Prot = (typeof PROTS)[number];

/** Fields of a step, and of a process in a sample, that a kernel and a model are compared in, and that a trace may exclude. */
export const STEP_FIELDS = ['result', 'minflt', 'majflt', 'uffd', 'digest'] as const;
export const SAMPLE_FIELDS = [
  'vmPte',
  'rssAnon',
  'rssFile',
  'rssShmem',
  'swap',
  'pss',
  'private',
  'shared',
  'vmas',
  'mm.rssAnon',
  'mm.rssFile',
  'mm.rssShmem',
  'mm.swap',
] as const;
export type StepField = (typeof STEP_FIELDS)[number];
export type SampleField = (typeof SAMPLE_FIELDS)[number];
export type ComparedField = StepField | SampleField;

/** Bytes between two accesses of `read` and `write` that give no `stride`. */
export const DEFAULT_STRIDE = 4096;

/** What `write` and `touch` store when they give no `value`. */
export const DEFAULT_VALUE = 1;
