import { describeCowTables } from '@forklab/conformance/vitest';
import { expect, it } from 'vitest';
import { ondemandFork } from '../src/index.js';

describeCowTables(() => ondemandFork());

it('refuses an option that it does not have', () => {
  expect(() => ondemandFork({ variant: 'v9' } as never)).toThrow(/variant/);
});
