/** The forms that were posted, or ran, by name. */
import {
  type ForkStrategy,
  type Kernel,
  type KernelRelease,
  nearest,
  type StrategyPlugin,
  type TouchSite,
} from '@forklab/core';
import { evaluated } from './evaluated.js';
import { finalCode } from './final.js';
import type { OndemandForkOptions } from './ondemand-fork.js';

interface Posted {
  /** Posting or branch, and its date. */
  readonly where: string;
  readonly url: string;
  readonly kernel: KernelRelease;
  /** Sites that it does not look at. */
  readonly unmodelled: readonly TouchSite[];
  readonly keepsPins: boolean;
  readonly hooks: (k: Kernel) => ForkStrategy;
}

const VARIANTS = {
  evaluated: {
    where: 'first release of rssys/on-demand-fork, commit 8d4366712, 2021-04-21',
    url: 'https://github.com/rssys/on-demand-fork',
    kernel: '5.6',
    unmodelled: ['split', 'mprotect', 'gup', 'mremap', 'mremap to'],
    keepsPins: false,
    hooks: evaluated,
  },
  final: {
    where: 'branch paper-version-kernel-v5.6.19 of rssys/on-demand-fork, commit 28b0aa95f, 2021-12-28',
    url: 'https://github.com/rssys/on-demand-fork',
    kernel: '5.6',
    unmodelled: ['mprotect', 'gup', 'mremap to'],
    keepsPins: false,
    hooks: finalCode,
  },
} as const satisfies Record<string, Posted>;

export type OndemandForkVariant = keyof typeof VARIANTS;
export const ONDEMAND_FORK_VARIANTS = Object.keys(VARIANTS) as readonly OndemandForkVariant[];

export const asPosted = (variant: OndemandForkVariant, options: OndemandForkOptions): StrategyPlugin => {
  const posted: Posted | undefined = Object.hasOwn(VARIANTS, variant) ? VARIANTS[variant] : undefined;
  if (posted === undefined) {
    const guess = nearest(String(variant), ONDEMAND_FORK_VARIANTS);
    const hint = guess === undefined ? '' : `, did you mean "${guess}"?`;
    throw new TypeError(
      `ondemand-fork has no variant "${variant}"${hint} There are ${ONDEMAND_FORK_VARIANTS.join(', ')}`,
    );
  }
  const { where, url, kernel, unmodelled, keepsPins, hooks } = posted;
  return {
    api: 1,
    name: 'ondemand-fork',
    models: {
      title: 'On-demand-fork: a microsecond fork for memory-intensive and latency-sensitive applications',
      where,
      url,
    },
    traits: {
      shares: 'pte-tables',
      charges: 'owner',
      shootdown: 'own',
      hosts: [],
      keepsPins,
      asPosted: true,
      unmodelled,
    },
    kernel,
    options: { ...options },
    setup: hooks,
  };
};
