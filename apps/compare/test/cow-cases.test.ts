/** What the kernel's selftest of copy-on-write demands, asked of the kernel of this machine, too. */
import { COW_CASES } from '@forklab/conformance';
import { runTrace, type StepResult, X86_64 } from '@forklab/core';
import { type KernelResult, openKernelRunner } from '@forklab/linux';
import { classic } from '@forklab/strategy-classic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const reason = await openKernelRunner().then(
  (runner) => runner.close(),
  (error: Error) => error.message,
);

/** What this kernel cannot be asked: pins for reading that stay, and swap where the host has none. */
const leftOut = ({ unmodelled }: KernelResult): boolean => Object.keys(unmodelled).length > 0;

const digestsOf = (steps: readonly StepResult[]) =>
  steps.flatMap(({ i, digest }) => (digest === undefined ? [] : [{ i, digest }]));

describe.skipIf(reason)(`the cases of copy-on-write on this kernel${reason ? `: ${reason}` : ''}`, () => {
  const results = new Map<string, KernelResult>();

  beforeAll(async () => {
    const runner = await openKernelRunner();
    for (const { name, trace } of COW_CASES) results.set(name, await runner.run(trace(X86_64)));
    await runner.close();
  });
  afterAll(() => results.clear());

  for (const { name, trace, demands } of COW_CASES) {
    it(name, ({ skip }) => {
      const live = results.get(name)!;
      if (leftOut(live)) skip(`left out: ${Object.keys(live.unmodelled).join(', ')}`);
      expect(digestsOf(live.steps)).toEqual(demands(X86_64));
      const { steps } = runTrace(trace(X86_64), { strategies: [classic()] });
      expect(digestsOf(steps)).toEqual(digestsOf(live.steps));
    });
  }

  it('has asked every case of A01 to A08 with small pages in memory', () => {
    const asked = [...results].filter(([, result]) => !leftOut(result)).map(([name]) => name);
    for (let k = 1; k <= 8; k++) expect(asked).toContain(`A0${k} base page`);
  });
});
