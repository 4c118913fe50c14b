import { library } from '../../scripts/tsup.base.js';

// What needs vitest or esbuild has an entry of its own, so that everything else works without it.
export default library({ entry: ['src/index.ts', 'src/mutate.ts', 'src/vitest.ts'] });
