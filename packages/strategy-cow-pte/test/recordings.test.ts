import { describeRecordings } from '@forklab/conformance/vitest';
import { cowPte } from '../src/index.js';

describeRecordings([cowPte()]);
