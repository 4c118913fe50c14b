import { describeRecordings } from '@forklab/conformance/vitest';
import { mshare } from '../src/index.js';

describeRecordings([mshare()]);
