/** The forms that were posted, or ran, by name. */
import {
  type ForkStrategy,
  type Kernel,
  type KernelRelease,
  nearest,
  type StrategyPlugin,
  type TouchSite,
} from '@forklab/core';
import type { CowPteOptions } from './cow-pte.js';
import { v1 } from './v1.js';
import { v2 } from './v2.js';
import { v2Branch } from './v2-6.0.6.js';
import { v5 } from './v5.js';

interface Posted {
  /** Posting or branch, and its date. */
  readonly where: string;
  readonly url: string;
  readonly kernel: KernelRelease;
  /** Left out: an owner. */
  readonly charges?: 'everyone';
  /** Sites that it does not look at. */
  readonly unmodelled: readonly TouchSite[];
  readonly keepsPins: boolean;
  readonly hooks: (k: Kernel) => ForkStrategy;
}

const RFC_V1 = {
  where: 'RFC PATCH v1, linux-mm, 2022-05-19',
  url: 'https://lore.kernel.org/linux-mm/20220519183127.3909598-1-shiyn.lin@gmail.com/',
  kernel: '6.1',
  unmodelled: ['mprotect', 'gup', 'mremap to'],
  keepsPins: false,
} as const;

const VARIANTS = {
  'v1-coverletter': { ...RFC_V1, hooks: v1(true) },
  'v1-code': { ...RFC_V1, hooks: v1(false) },
  v2: {
    where: 'RFC PATCH v2, linux-mm, 2022-09-27',
    url: 'https://lore.kernel.org/linux-mm/20220927162957.270460-1-shiyn.lin@gmail.com/',
    kernel: '6.1',
    unmodelled: ['mprotect', 'mremap to'],
    keepsPins: false,
    hooks: v2,
  },
  v5: {
    where: 'PATCH v5, linux-mm, 2023-04-14',
    url: 'https://lore.kernel.org/linux-mm/20230414142341.354556-1-shiyn.lin@gmail.com/',
    kernel: '6.1',
    charges: 'everyone',
    unmodelled: ['mremap to'],
    keepsPins: true,
    hooks: v5,
  },
  'v2-6.0.6': {
    where: 'branch odf-v2-kernel-v6.0.6 of rssys/on-demand-fork, commit c903574b8, 2023-03-28',
    url: 'https://github.com/rssys/on-demand-fork',
    kernel: '6.1',
    unmodelled: ['mremap to'],
    keepsPins: true,
    hooks: v2Branch,
  },
} as const satisfies Record<string, Posted>;

export type CowPteVariant = keyof typeof VARIANTS;
export const COW_PTE_VARIANTS = Object.keys(VARIANTS) as readonly CowPteVariant[];

export const asPosted = (variant: CowPteVariant, options: CowPteOptions): StrategyPlugin => {
  const posted: Posted | undefined = Object.hasOwn(VARIANTS, variant) ? VARIANTS[variant] : undefined;
  if (posted === undefined) {
    const guess = nearest(String(variant), COW_PTE_VARIANTS);
    const hint = guess === undefined ? '' : `, did you mean "${guess}"?`;
    throw new TypeError(`cow-pte has no variant "${variant}"${hint} There are ${COW_PTE_VARIANTS.join(', ')}`);
  }
  const { where, url, kernel, unmodelled, keepsPins, hooks } = posted;
  return {
    api: 1,
    name: 'cow-pte',
    models: { title: 'Introduce Copy-On-Write to Page Table', where, url },
    traits: {
      shares: 'pte-tables',
      charges: posted.charges ?? 'owner',
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
