/** What core's verbs may get wrong. */
import type { Mutant } from './mutant.js';

export const VERB_MUTANTS: readonly Mutant[] = [
  {
    name: 'shareTable leaves the parent its write bit',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: '    const lo = src.lo & ~RW;\n    src.write(lo, src.hi);',
      replace: '    const lo = src.lo & ~RW;',
    },
  },
  {
    name: 'shareTable does not count the new holder',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: 'tables.refs[table] = tables.refs[table]! + 1;\n    tables.sharedBy',
      replace: 'tables.sharedBy',
    },
  },
  {
    name: 'cloneTable does not flush',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: 'm.flushRange(at.space, at.start, at.end, Y[why]);\n    m.counters.add(W.tablesBroken',
      replace: 'm.counters.add(W.tablesBroken',
    },
  },
  {
    name: 'cloneTable copies the entries of one mapping only',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: 'for (const vma of at.vmas) {',
      replace: 'for (const vma of at.vmas.slice(0, 1)) {',
    },
  },
  {
    name: 'cloneTable leaves its reference behind',
    under: 'cowPte',
    mutation: { file: 'core/src/verbs.ts', find: '    this.#leave(at, old);\n', replace: '' },
  },
  {
    name: 'cloneTable leaves before it knows that there is memory',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: "    const table = this.freshTable(at.space, why);\n    if (table === 0) return 'oom';\n    let copied",
      replace:
        '    this.#leave(at, old);\n    const table = this.freshTable(at.space, why);\n  ' +
        "  if (table === 0) return 'oom';\n    m.tables.refs[old] = m.tables.refs[old]! " +
        '+ 1;\n    let copied',
    },
  },
  {
    name: 'dropTable does not flush',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: "if (at.space.kind === 'mm') m.flushRange",
      replace: "if (at.space.kind === 'none' as string) m.flushRange",
    },
  },
  {
    name: 'dropTable leaves its reference behind',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: '    if (refs > 1) {\n      this.#leave(at, table);',
      replace: '    if (refs > 1) {',
    },
  },
  {
    name: 'who leaves a table goes on paying for it',
    under: 'cowPte',
    mutation: {
      file: 'core/src/verbs.ts',
      find: 'if (tables.payer[table] === at.space.id) this.#setPayer(table, null);',
      replace: '',
    },
  },
  {
    name: 'a new payer is not charged the pages',
    under: 'cowPte',
    mutation: { file: 'core/src/verbs.ts', find: '      to.rssAnon += anon;\n', replace: '' },
  },
  {
    name: 'a new payer is not charged the table',
    under: 'cowPte',
    mutation: { file: 'core/src/verbs.ts', find: '      to.tables++;\n', replace: '' },
  },
  {
    name: 'a table that loses its payer is not counted as nobody’s',
    under: 'cowPte',
    mutation: { file: 'core/src/verbs.ts', find: '} else m.uncharged++;', replace: '}' },
  },
  {
    name: 'adoptTable does not give the write bit back',
    under: 'cowPte',
    mutation: { file: 'core/src/verbs.ts', find: 'at.write(at.lo | RW, at.hi);', replace: '' },
  },
  {
    name: 'fork maps a pinned page twice',
    under: 'classic',
    mutation: {
      file: 'core/src/verbs.ts',
      find: 'copyPinned = pinned > 0 && m.kernel',
      replace: 'copyPinned = pinned < 0 && m.kernel',
    },
  },
  {
    name: 'hasPins looks at a half of the table',
    under: 'cowPte',
    mutation: {
      file: 'core/src/copy-entries.ts',
      find: 'for (let i = 0; i < words.length; i += 2) {',
      replace: 'for (let i = 0; i < words.length / 2; i += 2) {',
    },
  },
];
