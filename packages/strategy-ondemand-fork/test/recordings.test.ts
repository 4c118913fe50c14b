import { describeRecordings } from '@forklab/conformance/vitest';
import { ondemandFork } from '../src/index.js';

describeRecordings([ondemandFork()]);
