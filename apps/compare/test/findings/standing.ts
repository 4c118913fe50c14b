/** Where a bug of a patch is known from: the mails, the notes on the patches, the kernels that ran them; else it is new. */

export interface Standing {
  /** Variants of the strategy that it is about. */
  readonly of: readonly string[];
  readonly invariant: string;
  /** The operations that it speaks of; left out: all. */
  readonly culprits?: readonly string[];
  readonly says: string;
}

const COW = [
  'cow-pte:variant=v1-code',
  'cow-pte:variant=v1-coverletter',
  'cow-pte:variant=v2',
  'cow-pte:variant=v2-6.0.6',
];
const V2_RAN = ['cow-pte:variant=v2-6.0.6'];
const ODF = ['ondemand-fork:variant=final', 'ondemand-fork:variant=evaluated'];
const ODF_RAN = ['ondemand-fork:variant=final'];

/** The first that fits is taken. */
export const STANDINGS: readonly Standing[] = [
  {
    of: V2_RAN,
    invariant: 'zap-takes-its-range',
    culprits: ['munmap'],
    says: 'confirmed on a real kernel: fixtures cow-pte-6.0.6 `two-vmas-one-table` and `two-vmas-parent-unmaps`',
  },
  {
    of: V2_RAN,
    invariant: 'zap-takes-its-range',
    culprits: ['dontneed'],
    says: 'confirmed on a real kernel: fixtures cow-pte-6.0.6 `dontneed-one-page` and `dontneed-in-parent`',
  },
  {
    of: V2_RAN,
    invariant: 'zap-takes-its-range',
    culprits: ['truncate'],
    says: 'confirmed on a real kernel: fixture cow-pte-6.0.6 `truncate-beside-private`',
  },
  {
    of: COW,
    invariant: 'zap-takes-its-range',
    says: 'inferred from the code (the whole table is dropped when a part is zapped), and confirmed by the model',
  },
  {
    of: V2_RAN,
    invariant: 'entry-in-vma',
    says: 'confirmed on a real kernel: fixtures cow-pte-6.0.6 `dontfork-wipeonfork` and `stale-range-then-new-vma`',
  },
  {
    of: V2_RAN,
    invariant: 'wiped-is-empty',
    says: 'confirmed on a real kernel: fixture cow-pte-6.0.6 `dontfork-wipeonfork`',
  },
  {
    of: COW,
    invariant: 'no-change-while-shared',
    culprits: ['mremap'],
    says: 'inferred from the code (the destination of a move is not asked about), and confirmed by the model',
  },
  {
    of: COW,
    invariant: 'no-change-while-shared',
    culprits: ['mprotect'],
    says: 'inferred from the code (a change of rights of a whole mapping edits entries in place), and confirmed by the model',
  },
  { of: COW, invariant: 'entry-in-vma', says: 'inferred from the code, and confirmed by the model' },
  { of: COW, invariant: 'wiped-is-empty', says: 'inferred from the code, and confirmed by the model' },
  {
    of: V2_RAN,
    invariant: 'walk-ends-in-table',
    says:
      'confirmed on a real kernel: fixture cow-pte-6.0.6 `neighbour-ends-at-table`; a candidate for the `print_bad_pte` ' +
      'report on the list of known bugs of RFC v1',
  },
  {
    of: V2_RAN,
    invariant: 'no-change-while-shared',
    culprits: ['mremap'],
    says: 'confirmed on a real kernel: fixture cow-pte-6.0.6 `mremap-into-shared`',
  },
  {
    of: V2_RAN,
    invariant: 'rss-charged',
    says:
      'reported by the author (Bad RSS counter, RFC v1), and confirmed on a real kernel: fixture cow-pte-6.0.6 ' +
      '`two-vmas-parent-unmaps`',
  },
  {
    of: COW,
    invariant: 'rss-charged',
    says: 'reported by the author: Bad RSS counter, on the list of known bugs of RFC v1',
  },
  {
    of: COW,
    invariant: 'no-stale-translation',
    says: 'reported: RFC v1 and v2 say that the flush is still missing, and asked for in review; one CPU cannot show it',
  },
  {
    of: ODF_RAN,
    invariant: 'counters-end-at-zero',
    says: 'confirmed on a real kernel: fixtures odf-5.6.19 `parent-leaves-first` and `fork-twice-exit-orders`',
  },
  {
    of: ODF_RAN,
    invariant: 'payer-holds',
    says: 'confirmed on a real kernel: fixtures odf-5.6.19 `parent-breaks-first` and `last-sharer-unmaps`',
  },
  {
    of: ODF_RAN,
    invariant: 'cow-slot-read-only',
    says: 'confirmed on a real kernel: fixture odf-5.6.19 `read-only-vma-shared`',
  },
  {
    of: ODF_RAN,
    invariant: 'advice-is-taken',
    says: 'confirmed on a real kernel: fixtures odf-5.6.19 `dontneed-one-page` and `zero-page`',
  },
  {
    of: ODF_RAN,
    invariant: 'no-change-while-shared',
    culprits: ['mprotect'],
    says: 'confirmed on a real kernel: fixture odf-5.6.19 `mprotect-none-in-child`',
  },
  {
    of: ODF,
    invariant: 'no-stale-translation',
    says: 'inferred from the code (no flush when a table is destroyed or switched), and confirmed by the model; the kernel ran on one CPU',
  },
];

export const standingOf = (strategy: string, invariant: string, culprit: string): string =>
  STANDINGS.find(
    (known) =>
      known.of.includes(strategy) &&
      known.invariant === invariant &&
      (known.culprits === undefined || known.culprits.includes(culprit)),
  )?.says ?? 'new: found by the model, and in no mail or note that we know';
