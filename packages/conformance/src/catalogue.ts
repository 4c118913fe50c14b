/**
 * The invariants of shared page tables, consolidated from what kernels, checkers and proofs assert, and by which of the
 * machine's and the kit's checks each is held. Some speak of what a machine of atomic steps does not have: they say so.
 */
import type { InvariantId } from '@forklab/core';
import type { KIT_INVARIANTS } from './breakage.js';

/** Core's checks, and the kit's. */
export type CheckId = InvariantId | keyof typeof KIT_INVARIANTS;

/** `step`: after every operation. `exit`: when the last process has gone. `run`: by running again, or to the end. */
export type When = 'step' | 'exit' | 'run';

export interface CatalogueEntry {
  readonly says: string;
  readonly when: When;
  /** Ids by which findings name it. None: it does not apply. */
  readonly checks: readonly CheckId[];
  /** What of it is not checked, and why. */
  readonly leaves?: string;
}

const NO_LOCKS = 'Operations are atomic: there are no locks, no grace periods and no lockless walkers.';

export const CATALOGUE = {
  I01: {
    says: 'A table keeps its level from allocation to freeing; each entry is legal for its level.',
    when: 'step',
    checks: ['entry-legal', 'table-levels', 'walk-ends-in-table'],
  },
  I02: {
    says: 'The slots that point to a table are as many as its references say; a live table has at least one.',
    when: 'step',
    checks: ['table-refs'],
  },
  I03: {
    says: 'All holders of a copy-on-write table have it at the same address, each once.',
    when: 'step',
    checks: ['same-place'],
    leaves: 'Tables that a file owns lie wherever the file is mapped; their entries are checked against the file.',
  },
  I04: {
    says: 'There are no cycles: an upper entry points to a live table one level down, which has no other parent above the PTE level.',
    when: 'step',
    checks: ['table-levels', 'physical-used'],
    leaves: 'Tables and pages are numbered apart in the model, so that a table cannot be mapped as data.',
  },
  I05: {
    says: 'A freed table is unreachable, and freed once.',
    when: 'step',
    checks: ['table-levels', 'freed-table-empty'],
    leaves: NO_LOCKS,
  },
  I06: { says: 'The lock of a table lives as long as its memory.', when: 'step', checks: [], leaves: NO_LOCKS },
  I07: {
    says: 'A table that is reclaimed holds no entry, and nobody else holds it.',
    when: 'step',
    checks: ['freed-table-empty', 'table-levels'],
    leaves: NO_LOCKS,
  },
  I08: {
    says: 'A table counts its entries, by kind.',
    when: 'step',
    checks: ['table-counts'],
    leaves: 'Walkers inside a table are not counted: there is one at a time.',
  },
  I09: {
    says: 'A walker that let go of its locks looks at its upper entry again before it uses the table.',
    when: 'step',
    checks: ['no-change-while-shared', 'verb-precondition'],
    leaves: 'Only where the schedules stop an operation: see the list of points.',
  },
  I10: {
    says: 'Each entry lies in a suitable VMA of every process that reaches it.',
    when: 'step',
    checks: ['entry-in-vma', 'vma-order', 'wiped-is-empty'],
  },
  I11: {
    says: 'A PMD entry is exactly one of none, table and huge page; deposited tables match huge pages.',
    when: 'step',
    checks: ['table-levels', 'deposits'],
  },
  I12: {
    says: 'A frame is exactly one of free, anonymous, of a file, zero page and table.',
    when: 'step',
    checks: ['frame-states', 'physical-used'],
  },
  I13: {
    says: "A page's mapcount is the number of entries that map it.",
    when: 'step',
    checks: ['mapcount', 'folio-counts'],
  },
  I14: {
    says: 'A page has a reference for each mapping, pin, page cache and swap cache, and no other.',
    when: 'step',
    checks: ['frame-states', 'pin-counts'],
    leaves: 'The reference count is derived from those, so that it cannot be wrong by itself.',
  },
  I15: {
    says: 'Anonymous and file mappings of one frame never coexist; no count is negative.',
    when: 'step',
    checks: ['entry-in-vma', 'table-counts', 'mapcount'],
  },
  I16: {
    says: 'An anonymous page that can be written is reached by one process alone.',
    when: 'step',
    checks: ['writable-is-exclusive', 'cow-slot-read-only'],
  },
  I17: { says: 'An anonymous page is mapped once in a process.', when: 'step', checks: ['once-per-process'] },
  I18: { says: 'An anonymous page that can be written is exclusive.', when: 'step', checks: ['writable-is-exclusive'] },
  I19: {
    says: 'An exclusive page in a private table is reached by one process alone.',
    when: 'step',
    checks: ['exclusive-is-sole'],
  },
  I20: {
    says: 'A pinned anonymous page stays its pinner’s: exclusive, not shared, not replaced by a copy.',
    when: 'step',
    checks: ['pin-keeps-page'],
  },
  I21: {
    says: 'A pin for reading is granted on a page that is exclusive, or has been unshared.',
    when: 'step',
    checks: ['pin-keeps-page'],
  },
  I22: {
    says: 'A page is reused instead of copied only if nobody else reaches it.',
    when: 'step',
    checks: ['writable-is-exclusive', 'exclusive-is-sole', 'same-contents'],
  },
  I23: {
    says: 'The pages that a process is charged equal those in the tables it pays for.',
    when: 'step',
    checks: ['rss-charged'],
  },
  I24: {
    says: 'Tables are charged as the policy says, counted once each, and given back.',
    when: 'step',
    checks: ['pgtables-charged', 'physical-used', 'counters-balance'],
    leaves: 'There are no memory cgroups.',
  },
  I25: {
    says: 'Who pays for a table holds it, or it is declared to be nobody’s.',
    when: 'step',
    checks: ['payer-holds', 'uncharged'],
  },
  I26: {
    says: 'A swap slot counts its entries and its cache; an exclusive entry is the only one of its slot.',
    when: 'step',
    checks: ['swap-counts', 'swap-cache', 'swap-exclusive'],
  },
  I27: {
    says: 'After the last exit no page, table or charge is left.',
    when: 'exit',
    checks: ['nothing-remains', 'counters-balance', 'counters-end-at-zero'],
  },
  I28: {
    says: 'Every process reads what it would read if fork had copied everything.',
    when: 'step',
    checks: ['same-contents', 'copy-takes-all'],
  },
  I29: {
    says: 'What one process does changes nothing that another one can see.',
    when: 'step',
    checks: [
      'no-change-while-shared',
      'rights-within-vma',
      'same-contents',
      'same-result',
      'zap-takes-its-range',
      'advice-is-taken',
    ],
  },
  I30: { says: 'Every operation and access ends as it would without sharing.', when: 'step', checks: ['same-result'] },
  I31: {
    says: 'Bits that belong to a process (dirty, soft-dirty, guard, write-protect) are as without sharing.',
    when: 'step',
    checks: ['same-result'],
    leaves: 'Dirty and accessed bits have no effect in the model; markers do, and are held by results.',
  },
  I32: {
    says: 'What userfaultfd write-protects is not writable, and the first write is seen.',
    when: 'step',
    checks: ['wp-not-writable', 'same-events'],
    leaves: 'Where a move leaves protection behind in what it merged with, as Linux does, that is not checked.',
  },
  I33: {
    says: 'A cached translation agrees with the tables.',
    when: 'step',
    checks: ['no-stale-translation'],
    leaves: 'Pages are freed and flushed in one step; that a page is not reused between the two is not checked.',
  },
  I34: {
    says: 'A flush reaches the CPUs of all who hold the table.',
    when: 'step',
    checks: ['no-stale-translation'],
    leaves: 'There are no MMU notifiers.',
  },
  I35: {
    says: 'Entries of a table that several hold change only where the strategy declares it.',
    when: 'step',
    checks: ['no-change-while-shared', 'verdict-fits'],
    leaves: NO_LOCKS,
  },
  I36: {
    says: 'An operation that fails for want of memory changes nothing; no allocation where nothing may fail.',
    when: 'step',
    checks: ['same-result', 'same-contents', 'no-exception', 'verb-precondition'],
    leaves:
      'Operations that Linux, too, leaves half done (mremap, mprotect, madvise, writes) are held to core’s invariants only.',
  },
  I37: {
    says: 'A reverse walk visits every entry of a page once, and reaches every process.',
    when: 'step',
    checks: ['same-result'],
    leaves: 'That an armed page is not writable is held by what accesses answer.',
  },
  I38: {
    says: 'What was unshared for an operation stays so until the operation has done its work.',
    when: 'step',
    checks: ['verdict-fits', 'no-change-while-shared'],
    leaves: NO_LOCKS,
  },
  I39: {
    says: 'A table becomes exclusive once, when its last other holder has left.',
    when: 'step',
    checks: ['verb-precondition'],
    leaves: NO_LOCKS,
  },
  I40: {
    says: 'The same seed gives the same run, and every operation ends.',
    when: 'run',
    checks: ['deterministic', 'fault-makes-progress'],
  },
} as const satisfies Record<string, CatalogueEntry>;

export type InvariantNumber = keyof typeof CATALOGUE;

/** The invariants that a check's id stands for: the numbers under which it is listed. */
export const numbersOf = (check: string): InvariantNumber[] =>
  (Object.entries(CATALOGUE) as [InvariantNumber, CatalogueEntry][])
    .filter(([, { checks }]) => (checks as readonly string[]).includes(check))
    .map(([number]) => number);
