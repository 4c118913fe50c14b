/**
 * Every option of forklab, spelled out. Copy what you need; each may be left out, and the comment says what then holds.
 * Relative paths are relative to this file. `forklab compare` takes the nearest such file from the working directory
 * upward; what stands on the command line wins over it.
 */
import { defineConfig } from '@forklab/compare';

export default defineConfig({
  // The columns, in order. Default: classic, cow-pte, ondemand-fork, mshare.
  strategies: [
    // A name stands for the package @forklab/strategy-NAME, else for the package of that name.
    'classic',
    'cow-pte',
    'ondemand-fork',
    'mshare',
    // Two strategies that share the work make one column: a table goes to the first that claims it, else to the last.
    'mshare+cow-pte',
    // A name with options; the README of each strategy lists its own.
    //   ['cow-pte', { variant: 'v1-code' }],
    // A file of your own; see docs/guides/add-a-strategy.md.
    //   './my-strategy.ts',
    // A plugin object, imported above: cowPte() and not cowPte.
    //   cowPte(),
  ],

  // The inputs: traces (.jsonl, .jsonl.gz), folders, which stand for all traces below them, and workloads by name, such as
  // 'redis-snapshot:mib=512' (`forklab workloads` lists them). Default: all traces that come with forklab.
  workloads: ['traces/captured', 'traces/published/prefork-shared.jsonl'],

  // The first is added to the seed of every `touch` operation, so that it draws other pages; 0 leaves traces as written.
  // Run with two seeds to see whether a result hangs on the draw. Default: [0].
  seeds: [0],

  // The price list that turns counts into nanoseconds; docs/reference/prices.md lists them. Default: vm-linux-6.18.
  costs: 'vm-linux-6.18',

  machine: {
    // Whose behaviour, where releases differ: '6.18' (default) or '6.1'.
    kernel: '6.18',
    // What becomes of a table that MADV_DONTNEED emptied: 'pt-reclaim' frees it, 'none' keeps it. Default: as that
    // kernel does, which is 'pt-reclaim' on 6.18 and 'none' on 6.1.
    tableReclaim: 'pt-reclaim',
    // Physical memory for pages and tables, in bytes or as a text. Default: what the trace says, else unbounded.
    memory: '64GiB',
    // Check every invariant, and every cached translation, after each operation. Slow. Default: false.
    check: false,
  },

  // Where the report goes, and which files it has. `false` writes none. Default: the folder report, all four formats.
  report: { dir: 'report', formats: ['markdown', 'json', 'csv', 'html'] },
});
