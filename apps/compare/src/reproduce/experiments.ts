/** All experiments, in the order in which they are printed. */
import type { Experiment } from './experiment.js';
import { afl, apache, redisFork, redisLatency, sqlite, vmClone } from './sources/applications.js';
import { lkmlForks, meminfo, perf, vmpte } from './sources/cow-pte.js';
import { faultLatency, forkAndTouch, forkLatency } from './sources/ondemand-fork.js';
import { efficiency, lazyCopy, mshareArithmetic, postgres } from './sources/shared-tables.js';

/** What has been published and is not among them, with the reason. */
export const NOT_REPRODUCED: Readonly<Record<string, string>> = {
  'fork and faults on 2 MiB pages (On-Demand-Fork figure 4, table 1)':
    'the price list of that machine has no price for huge pages',
  'three forks at once (On-Demand-Fork figure 2)': 'processors that contend for the metadata of pages are not modelled',
  'RFC v3 to v5: no gain, since fork counts every page again': 'that form of the strategy is not part of these columns',
  'userfaultfd columns of RFC v2': 'a snapshot without fork is another strategy',
  'throughput of databases on shared tables (2006), of PostgreSQL (2025)': 'cheaper TLB misses have no price',
  'fork timing of 2002 and 2005, in ms': 'of those machines nothing is known to price them by',
};

export const EXPERIMENTS: readonly Experiment[] = [
  meminfo,
  vmpte,
  perf,
  lkmlForks,
  forkLatency,
  faultLatency,
  forkAndTouch,
  afl,
  vmClone,
  sqlite,
  redisFork,
  redisLatency,
  apache,
  mshareArithmetic,
  efficiency,
  postgres,
  lazyCopy,
];
