/** What core's operations may get wrong. */
import type { Mutant } from './mutant.js';

export const OPERATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'fork leaves the parent writable entries',
    under: 'classic',
    mutation: { file: 'core/src/copy-entries.ts', find: 'from[i] = lo & keepSource;', replace: 'from[i] = lo;' },
  },
  {
    name: 'fork gives the child writable entries',
    under: 'classic',
    mutation: { file: 'core/src/copy-entries.ts', find: 'to[i] = lo & keepCopy;', replace: 'to[i] = lo;' },
  },
  {
    name: 'fork leaves a page exclusive that two map',
    under: 'classic',
    mutation: {
      file: 'core/src/copy-entries.ts',
      find: 'meta[pfn] = plain + 1;',
      replace: 'meta[pfn] = meta[pfn]! + 1;',
    },
  },
  {
    name: 'fork does not count the new mapping',
    under: 'classic',
    mutation: { file: 'core/src/copy-entries.ts', find: 'meta[pfn] = plain + 1;', replace: 'meta[pfn] = plain;' },
  },
  {
    name: 'fork does not book what it copied',
    under: 'classic',
    mutation: {
      file: 'core/src/copy-entries.ts',
      find: '  m.book(dst, tally.anon, tally.file, tally.used);\n',
      replace: '',
    },
  },
  {
    name: 'fork does not flush the parent',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/fork.ts',
      find: '  m.flushAll(parent, Y.fork);\n  if (m.asPosted',
      replace: '  if (m.asPosted',
    },
  },
  {
    name: 'fork copies what DONTFORK keeps from it',
    under: 'classic',
    mutation: { file: 'core/src/ops/fork.ts', find: 'if ((vma.flags & VM_DONTCOPY) !== 0) continue;', replace: '' },
  },
  {
    name: 'fork that runs out of memory leaves its child behind',
    under: 'classic',
    mutation: { file: 'core/src/ops/fork.ts', find: "      exitSpace(m, child, 'fork');\n", replace: '' },
  },
  {
    name: 'fork walks what it should wipe',
    under: 'classic',
    mutation: { file: 'core/src/ops/fork.ts', find: '  if (wipe) return true;\n', replace: '' },
  },
  {
    name: 'a zap does not flush',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/zap.ts',
      find: '  if (last > first) m.flushRange(space, first, last, y);',
      replace: '',
    },
  },
  {
    name: 'a zap takes the rest of the table along',
    under: 'classic',
    mutation: { file: 'core/src/ops/zap.ts', find: '(to - at.start) / PAGE_SIZE;', replace: 'm.geometry.entries;' },
  },
  {
    name: 'a table counts as covered whatever its neighbours',
    under: 'cowPte',
    mutation: {
      file: 'core/src/ops/zap.ts',
      find: 'if (Math.max(vma.start, at.start) < start || Math.min(vma.end, at.end) > end) return false;',
      replace: '',
    },
  },
  {
    name: 'a zap does not book what it removed',
    under: 'classic',
    mutation: {
      file: 'core/src/zap-entries.ts',
      find: '  m.book(table, -tally.anon, -tally.file, -tally.used);\n',
      replace: '',
    },
  },
  {
    name: 'a zap lowers the mapcount twice',
    under: 'classic',
    mutation: { file: 'core/src/zap-entries.ts', find: 'meta[pfn] = state - 1;', replace: 'meta[pfn] = state - 2;' },
  },
  {
    name: 'a store reuses a page that another process maps',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/wp-fault.ts',
      find: 'if (m.frames.refcount(pfn) > 1 + cached) return false;',
      replace: 'if (m.frames.refcount(pfn) > 2 + cached) return false;',
    },
  },
  {
    name: 'a copy on write does not flush',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/wp-fault.ts',
      find: '  m.flushPage(space, addr, Y.fault);\n  if (kind === KIND_ANON) {',
      replace: '  if (kind === KIND_ANON) {',
    },
  },
  {
    name: 'a copy on write keeps the old mapping counted',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/wp-fault.ts',
      find: '    m.countFreed(unmapPage(m, pfn, space.id), Y.fault);\n',
      replace: '',
    },
  },
  {
    name: 'a copy on write copies nothing',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/wp-fault.ts',
      find: '    frames.contents[fresh] = frames.contents[pfn]!;\n',
      replace: '',
    },
  },
  {
    name: 'mprotect does not ask',
    under: 'cowPte',
    mutation: {
      file: 'core/src/ops/mprotect.ts',
      find: "if (askTouch(m, space, start, end, 'mprotect') === 'oom') return 'ENOMEM';",
      replace: '',
    },
  },
  {
    name: 'mprotect does not flush',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/mprotect.ts',
      find: 'if (changed > 0) m.flushRange(space, start, end, Y.mprotect);',
      replace: '',
    },
  },
  {
    name: 'mprotect makes shared pages writable',
    under: 'classic',
    mutation: {
      file: 'core/src/protect-entries.ts',
      find: '(state & (KIND_MASK | EXCLUSIVE)) === (KIND_ANON | EXCLUSIVE)',
      replace: '(state & KIND_MASK) === KIND_ANON',
    },
  },
  {
    name: 'mremap does not ask at the destination',
    under: 'cowPte',
    mutation: {
      file: 'core/src/ops/mremap.ts',
      find: "if (askTouch(m, space, newAddr, newAddr + oldLen, 'mremap to') === 'oom') return 'ENOMEM';",
      replace: '',
    },
  },
  {
    name: 'mremap does not flush what it moved',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/move-page-tables.ts',
      find: '  m.flushRange(space, from, from + extent, Y.mremap);\n',
      replace: '',
    },
  },
  {
    name: 'mremap does not flush where a whole table was',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/move-page-tables.ts',
      find: '  m.flushRange(space, from, from + span, Y.mremap);\n',
      replace: '',
    },
  },
  {
    name: 'mremap leaves entries booked where they were',
    under: 'classic',
    mutation: { file: 'core/src/ops/move-page-tables.ts', find: '  m.book(src, -anon, -file, -moved);\n', replace: '' },
  },
  {
    name: 'a freed table stays in its slot',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/free-pgtables.ts',
      find: '    m.tables.clearChild(pmd, slot & mask);\n    releaseTable',
      replace: '    releaseTable',
    },
  },
  {
    name: 'a freed table is not taken off the bill',
    under: 'classic',
    mutation: { file: 'core/src/ops/free-pgtables.ts', find: 'payer.tables--;', replace: 'void payer;' },
  },
  {
    name: 'a pin for reading takes a page that others map',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/pin.ts',
      find: 'return !m.frames.isExclusive(exclusivePage(m, pfn));',
      replace: 'return false;',
    },
  },
  {
    name: 'a failed pin keeps the pages it got',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/pin.ts',
      find: '    release(m, taken);\n    return errno;',
      replace: '    return errno;',
    },
  },
  {
    name: 'a dying process keeps its pins',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/pin.ts',
      find: '    release(m, held);\n    space.pins.splice(space.pins.indexOf',
      replace: '    space.pins.splice(space.pins.indexOf',
    },
  },
  {
    name: 'truncation leaves the mappings of other processes',
    under: 'classic',
    mutation: {
      file: 'core/src/ops/file.ts',
      find: 'for (const { space, start, end, markers } of parts) zapRange',
      replace: 'for (const { space, start, end, markers } of parts.slice(0, 1)) zapRange',
    },
  },
  {
    name: 'MADV_DONTNEED frees a table that it did not empty',
    under: 'classic',
    mutation: { file: 'core/src/ops/madvise.ts', find: 'm.tables.used[at.table] === 0 && ', replace: '' },
  },
];
