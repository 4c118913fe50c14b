import { library } from '../../scripts/tsup.base.js';

// What needs vitest has an entry of its own, so that everything else works without it.
export default library({ entry: ['src/index.ts', 'src/vitest.ts'] });
