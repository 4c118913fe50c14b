import { describeStrategy } from '@forklab/conformance/vitest';
import { ondemandFork } from '../src/index.js';

describeStrategy(ondemandFork());
