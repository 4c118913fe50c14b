/** Seeded bugs, and how one is hunted. */
import type * as Conformance from '@forklab/conformance';
import { importMutated, type Mutation } from '@forklab/conformance/mutate';
import type { StrategyPlugin } from '@forklab/core';
import { APP } from '../support/cli.js';

export type Under = 'classic' | 'cowPte' | 'ondemandFork' | 'mshare';

export interface Mutant {
  readonly name: string;
  readonly mutation: Mutation;
  /** The strategy under which it is hunted. */
  readonly under: Under;
}

type Library = typeof Conformance & {
  readonly TINY: Conformance.CheckTraceOptions['geometry'];
} & Readonly<Record<Under, () => StrategyPlugin>>;

const ENTRY = `
  export * from '@forklab/conformance';
  export { TINY } from '@forklab/core';
  export { classic } from '@forklab/strategy-classic';
  export { cowPte } from '@forklab/strategy-cow-pte';
  export { mshare } from '@forklab/strategy-mshare';
  export { ondemandFork } from '@forklab/strategy-ondemand-fork';`;

export interface Killed {
  /** Id of the check that named it first; null: it lived. */
  readonly by: string | null;
  readonly traces: number;
  /** Of processor time. */
  readonly seconds: number;
}

/** Checks switched off: the machine's assertions of that name, too, so that what comes after them happens. */
const without = (checks: readonly string[]): Mutation => ({
  file: 'core/src/errors/violation.ts',
  find: 'if (!holds)',
  replace: `if (!holds && !${JSON.stringify(checks)}.includes(invariant))`,
});

const seconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Fixed traces with ever less memory, then random ones, until a check names the bug or `tracesMax` have passed. */
export const hunt = async (mutant: Mutant, off: readonly string[] = [], tracesMax = 4000): Promise<Killed> => {
  const kit = await importMutated<Library>(ENTRY, APP, [mutant.mutation, without(off)]);
  const options = { geometry: kit.TINY!, relaxed: new Set(off) };
  const strategies = [kit[mutant.under]()];
  const started = seconds();
  const took = () => Math.max(0, seconds() - started);
  for (let i = 0; i < tracesMax; i++) {
    const fixed = kit.REGRESSIONS[i];
    const random = { geometry: kit.TINY!, starved: i % 3 === 0, some: i % 2 === 0, commands: 30 };
    const trace = fixed ? fixed.trace(kit.TINY!) : kit.randomTrace(i, random);
    const { breakage } = kit.checkTrace(trace, strategies, options);
    if (breakage) return { by: breakage.invariant, traces: i + 1, seconds: took() };
  }
  return { by: null, traces: tracesMax, seconds: took() };
};
