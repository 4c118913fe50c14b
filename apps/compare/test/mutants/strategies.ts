/** What a strategy's author may forget. */
import type { Mutant } from './mutant.js';

export const STRATEGY_MUTANTS: readonly Mutant[] = [
  {
    name: 'cow-pte shares a table with a pinned page',
    under: 'cowPte',
    mutation: { file: 'strategy-cow-pte/src/cow-pte.ts', find: " || k.hasPins(src, 'fork')", replace: '' },
  },
  {
    name: 'cow-pte shares a table under a DONTFORK neighbour',
    under: 'cowPte',
    mutation: { file: 'strategy-cow-pte/src/cow-pte.ts', find: 'vma.dontCopy || ', replace: '' },
  },
  {
    name: 'cow-pte shares a table under a WIPEONFORK neighbour',
    under: 'cowPte',
    mutation: { file: 'strategy-cow-pte/src/cow-pte.ts', find: ' || vma.wipeOnFork', replace: '' },
  },
  {
    name: 'cow-pte copies at a second fork from a table that is still shared',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: "if (breakCow(src, 'fork again') === 'oom') return 'oom';",
      replace: '',
    },
  },
  {
    name: 'cow-pte lets reads fault in a shared table',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'fault: (at) => (breakCow(',
      replace: "fault: (at, { access }) => (access !== 'read' && breakCow(",
    },
  },
  {
    name: 'cow-pte takes a table over that others still hold',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'at.refs > 1 ? k.cloneTable',
      replace: 'at.refs > 2 ? k.cloneTable',
    },
  },
  {
    name: 'cow-pte adopts on the way out while others hold the table',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'if (at.refs === 1) {\n        k.adoptTable(at, cause);',
      replace: 'if (at.refs <= 2) {\n        k.adoptTable(at, cause);',
    },
  },
  {
    name: 'cow-pte charges a table again that somebody pays for',
    under: 'cowPte',
    mutation: { file: 'strategy-cow-pte/src/cow-pte.ts', find: 'if (src.payers === 0) k.charge', replace: 'k.charge' },
  },
  {
    name: 'cow-pte write-protects the copy only',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: "cloneTable(at, why, 'both')",
      replace: "cloneTable(at, why, 'copy')",
    },
  },
  {
    name: 'cow-pte lets go of a table whose entries partly stay',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace:
        "touch: (at, site) => { if (site === 'munmap part' && !at.writable && at.refs > " +
        "1) { k.dropTable(at, site); return 'private'; } return breakCow(at, site); },",
    },
  },
  {
    name: 'cow-pte forgets munmap of a part',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'munmap part' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'cow-pte forgets MADV_DONTNEED',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'dontneed' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'cow-pte forgets mprotect',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'mprotect' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'cow-pte forgets mremap, at the source',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'mremap' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'cow-pte forgets mremap, at the destination',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'mremap to' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'cow-pte forgets pins',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'gup' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'cow-pte forgets truncation',
    under: 'cowPte',
    mutation: {
      file: 'strategy-cow-pte/src/cow-pte.ts',
      find: 'touch: (at, site) => breakCow(at, site),',
      replace: "touch: (at, site) => (site === 'truncate' ? 'private' : breakCow(at, site)),",
    },
  },
  {
    name: 'ondemand-fork shares a table with a pinned page',
    under: 'ondemandFork',
    mutation: { file: 'strategy-ondemand-fork/src/ondemand-fork.ts', find: " && !k.hasPins(src, 'fork')", replace: '' },
  },
  {
    name: 'ondemand-fork shares a table that two mappings meet in',
    under: 'ondemandFork',
    mutation: {
      file: 'strategy-ondemand-fork/src/ondemand-fork.ts',
      find: 'vma !== null && whole && ',
      replace: 'vma !== null && ',
    },
  },
  {
    name: 'ondemand-fork drops a table by freeing what others map',
    under: 'ondemandFork',
    mutation: {
      file: 'strategy-ondemand-fork/src/ondemand-fork.ts',
      find:
        "if (at.refs === 1) {\n        k.adoptTable(at, cause);\n        return 'continue';\n " +
        "     }\n      k.dropTable(at, cause);\n      return 'dropped';",
      replace: "return 'continue';",
    },
  },
  {
    name: 'mshare attaches to any file offset',
    under: 'mshare',
    mutation: {
      file: 'strategy-mshare/src/mshare.ts',
      find: 'return (vma.start - vma.pgoff * PAGE_SIZE) % (at.end - at.start) === 0;',
      replace: 'return true;',
    },
  },
  {
    name: 'mshare gives every right to who may only read',
    under: 'mshare',
    mutation: {
      file: 'strategy-mshare/src/mshare.ts',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text that is looked for
      find: "`${vma.writable ? 'rw' : 'r-'}${vma.executable ? 'x' : '-'}`",
      replace: "'rwx'",
    },
  },
  {
    name: 'mshare keeps a table that no process is attached to',
    under: 'mshare',
    mutation: { file: 'strategy-mshare/src/mshare.ts', find: "k.dropTable(own, 'last link');", replace: '' },
  },
  {
    name: 'mshare lets mprotect through to all who are attached',
    under: 'mshare',
    mutation: {
      file: 'strategy-mshare/src/mshare.ts',
      find: "if (site === 'truncate' ||",
      replace: "if (site === 'truncate' || site === 'mprotect' ||",
    },
  },
  {
    name: 'mshare attaches where a neighbour has private memory',
    under: 'mshare',
    mutation: { file: 'strategy-mshare/src/mshare.ts', find: '!vma.file || !at.whole', replace: '!vma.file' },
  },
];
