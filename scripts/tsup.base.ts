import type { Options } from 'tsup';

/**
 * The one build of every package: ES modules, types and source maps, for the oldest Node that we support.
 * `more` replaces single options; the app uses it for its further entry points.
 */
export const library = (more: Options = {}): Options => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  // tsup sets baseUrl for its types build, which TypeScript 6 refuses unless told that we know.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  clean: true,
  target: 'node20',
  ...more,
});
