/** Guard regions. */

import type { Family } from '../family.js';
import { drawAdvice } from './advice.js';

export const guard: Family = {
  area: 'guard',
  makers: [
    [
      40,
      drawAdvice([
        [3, 'guard_install'],
        [2, 'guard_remove'],
      ]),
    ],
  ],
};
