import { describePatched } from '@forklab/conformance/vitest';
import { cowPte } from '../src/index.js';

const LEAK = 'the leak of anonymous pages is 8 kB off what the whole machine had left';

describePatched(cowPte({ variant: 'v2-6.0.6' }), 'cow-pte-6.0.6', '../../../docs/variants/cow-pte-v2-6.0.6.md', {
  'random-anon-024': LEAK,
  'random-anon-027': LEAK,
});
