// One site over all packages, in docs/api.

import { OptionDefaults } from 'typedoc';

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'forklab',
  entryPointStrategy: 'packages',
  entryPoints: ['packages/*', 'apps/compare'],
  out: 'docs/api',
  readme: 'README.md',
  includeVersion: true,
  treatWarningsAsErrors: true,
  // Links to files are followed by scripts/check-docs.mjs, which also knows links to folders.
  validation: { invalidPath: false },
  packageOptions: {
    excludeInternal: true,
    excludePrivate: true,
    readme: 'README.md',
    // There is no address yet at which the sources can be read, and a dead link is worse than none.
    disableSources: true,
    // A machine's inner parts can be reached, for tests and dumps, and are no promise: they have no pages of their own.
    validation: { notExported: false, invalidLink: true, invalidPath: false },
    // Where a declaration mirrors something: the kernel's file and function, or the section of a paper.
    blockTags: [...OptionDefaults.blockTags, '@kernel', '@paper'],
  },
};
