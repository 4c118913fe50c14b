import { describeStrategy } from '@forklab/conformance/vitest';
import { cowPte } from '../src/index.js';

describeStrategy(cowPte());
