import { describePatched } from '@forklab/conformance/vitest';
import { ondemandFork } from '../src/index.js';

describePatched(ondemandFork({ variant: 'final' }), 'odf-5.6.19', '../../../docs/variants/ondemand-fork-final.md');
