import { describeStrategy } from '@forklab/conformance/vitest';
import { mshare } from '../src/index.js';

describeStrategy(mshare());
