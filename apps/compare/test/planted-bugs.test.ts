/** Bugs planted in the model, each in another file of core: random traces must find them, and shrink them to a few lines. */
import { importMutated, type Mutation } from '@forklab/conformance/mutate';
import { isForklabError } from '@forklab/core';
import { type ModelParts, modelOf, openKernelRunner, randomTrace, validate } from '@forklab/linux';
import { classic } from '@forklab/strategy-classic';
import { describe, expect, test } from 'vitest';

const reason = await openKernelRunner().then(
  (kernel) => kernel.close(),
  (error: unknown) => {
    if (isForklabError(error)) return error.code;
    throw error;
  },
);

const BUGS: readonly (Mutation & { readonly bug: string })[] = [
  {
    bug: 'pages that mprotect makes writable again stay read-only until a fault',
    file: 'core/src/ops/mprotect.ts',
    find: 'const upgrade = (flags & (VM_SHARED | VM_WRITE)) === VM_WRITE &&',
    replace: 'const upgrade = false &&',
  },
  {
    bug: 'an upper table is freed although a VMA below in its span is left',
    file: 'core/src/ops/free-pgtables.ts',
    find: 'if (alignDown(start, span) < run.floor) return false;',
    replace: '',
  },
  {
    bug: 'a VMA that fits between two of different lineage joins them',
    file: 'core/src/vma-merge.ts',
    find: '!prev.anonVma || !next.anonVma || prev.anonVma === next.anonVma;',
    replace: 'prev !== next;',
  },
];

const RUNS = 200;
const OPERATIONS_MAX = 8;

describe.skipIf(reason !== undefined)(`planted bugs${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test.each(BUGS)('validate finds that $bug', async (mutation) => {
    const core = await importMutated<ModelParts>("export * from '@forklab/core';", import.meta.dirname, [mutation]);
    const kernel = await openKernelRunner();
    const areas = ['processes', 'files', 'mremap', 'madvise', 'mlock', 'large', 'errors'] as const;
    const traces = Array.from({ length: RUNS }, (_, k) => randomTrace({ seed: k + 1, areas }));
    try {
      const model = modelOf([classic()], '6.18', core);
      const { findings } = await validate({ model, kernel, traces });
      expect(findings.map(({ is }) => is)).not.toContain('unstable');
      expect(findings.length).toBe(1);
      expect(findings[0]!.trace.ops.length).toBeLessThanOrEqual(OPERATIONS_MAX);
      // It is the bug that shows, not the trace: without it they agree.
      const sound = await validate({ model: modelOf([classic()]), kernel, traces: [findings[0]!.trace] });
      expect(sound.findings).toEqual([]);
    } finally {
      await kernel.close();
    }
  });
});
