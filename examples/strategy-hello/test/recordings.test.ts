import { describeRecordings } from '@forklab/conformance/vitest';
import { hello } from '../src/index.js';

describeRecordings([hello()]);
