import { describeRecordings, describeStrategy } from '@forklab/conformance/vitest';
import { cowPte } from '@forklab/strategy-cow-pte';
import { mshare } from '@forklab/strategy-mshare';

// Two strategies in one machine: shared files to the one, private memory to the other.
describeRecordings([mshare(), cowPte()]);
describeStrategy([mshare(), cowPte()]);
