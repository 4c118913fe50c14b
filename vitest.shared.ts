import { defineProject } from 'vitest/config';

// The custom condition makes a test read the sources of the other packages, so that no test needs a build.
const conditions = ['@forklab/source', 'import', 'module', 'node', 'default'];

/** The vitest project of one package. `name` is what test output shows in front of a file. */
export const project = (name: string) =>
  defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ['{src,test,report-ui}/**/*.test.{ts,tsx}'],
      // Property tests and live-kernel tests share two cores with everything else; five seconds is too tight there,
      // and under load thirty have been, too.
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  });
