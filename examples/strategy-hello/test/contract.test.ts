import { describeStrategy } from '@forklab/conformance/vitest';
import { hello } from '../src/index.js';

describeStrategy(hello());
