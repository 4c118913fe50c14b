/** What must hold, in a sentence each. `invariants.ts` checks the state; operations and verbs assert the rest. */
export const INVARIANTS = {
  'table-refs': 'A table has as many references as slots point to it, and at least one.',
  'table-levels':
    'An upper entry points to a live table one level down, which has no other parent above the PTE level.',
  'same-place': 'All holders of a copy-on-write table have it at the same address, each once.',
  'payer-holds': 'Who pays for a table holds it.',
  'cow-slot-read-only': 'A slot of a table that others hold copy-on-write is never writable.',
  'freed-table-empty': 'A table is empty when it is freed.',
  'table-counts':
    "A table's counts of anonymous, file, swap, non-present and all entries equal a recount of its entries.",
  'entry-legal': 'An entry is none, present, PROT_NONE, a swap entry or a marker, and what it points to is in use.',
  'entry-in-vma': 'Every entry that a process reaches lies in one of its VMAs and suits it.',
  'rights-within-vma': 'No entry gives a right that the VMA does not give.',
  'writable-is-exclusive': 'An anonymous page that can be written is exclusive and reached by one process alone.',
  'exclusive-is-sole': 'An exclusive page in a private table is reached by one process alone.',
  'once-per-process': 'An anonymous page is mapped at most once in a process.',
  mapcount: "A page's mapcount equals the number of entries that map it.",
  'folio-counts': "A large folio's counts of mappings, of whole ones and of pins equal a recount.",
  deposits: 'Under each huge entry waits one empty table of the same space, and nowhere else.',
  'frame-states': 'A frame is free exactly when no entry, page cache or pin holds it.',
  'rss-charged': 'What a space is charged equals the pages in the tables it pays for.',
  'pgtables-charged': 'What a space is charged for tables equals the tables it pays for.',
  uncharged: 'The count of tables that nobody pays for equals a recount.',
  'physical-used': 'Frames in use equal live pages and live tables.',
  'no-stale-translation': 'No cached translation gives another frame, or more rights, than the tables do.',
  'pin-counts': "A page's pins are those that processes hold.",
  'pin-keeps-page': 'A pinned anonymous page that is mapped is exclusive and reached by one process alone.',
  'vma-order': 'VMAs are sorted, not empty, and do not overlap.',
  'no-change-while-shared':
    'Nothing is installed into, changed in or removed from a table that others hold copy-on-write.',
  'verdict-fits': "A strategy's verdict describes what it left behind.",
  'verb-precondition': 'A verb is used only where it applies.',
  'fault-makes-progress': 'An access that faults without end is a table that nobody puts in order.',
  'zap-takes-its-range': 'Removing a range removes what lies in it, and nothing else of that process.',
  'copy-takes-all': 'A copy of a table has every entry that lies in a VMA of its process.',
  'walk-ends-in-table': 'A walk over the entries of a table ends where the table ends.',
  'counters-end-at-zero': 'An address space that is gone is charged for nothing.',
  'wiped-is-empty': 'A MADV_WIPEONFORK area is empty in the child.',
  'advice-is-taken': 'Advice that is answered with success has had its effect.',
} as const;

export type InvariantId = keyof typeof INVARIANTS;
