import { describeStrategy } from '@forklab/conformance/vitest';
import { classic } from '../src/index.js';

describeStrategy(classic());
