/** All workloads, and finding one by name. */
import { ForklabError, nearest } from '@forklab/core';
import type { Workload } from './workload.js';
import { forkExec } from './workloads/fork-exec.js';
import { forkServer } from './workloads/fork-server.js';
import { microbench } from './workloads/microbench.js';
import { preforkServer } from './workloads/prefork-server.js';
import { redisSnapshot } from './workloads/redis-snapshot.js';
import { sharedBuffers } from './workloads/shared-buffers.js';
import { unitTests } from './workloads/unit-tests.js';
import { vmClone } from './workloads/vm-clone.js';
import { zygote } from './workloads/zygote.js';

/** In the order in which they are listed. */
export const WORKLOADS: readonly Workload[] = [
  redisSnapshot,
  forkServer,
  unitTests,
  preforkServer,
  zygote,
  sharedBuffers,
  vmClone,
  forkExec,
  microbench,
];

/** The workload of this name, or undefined. */
export const workloadNamed = (name: string): Workload | undefined => WORKLOADS.find((each) => each.name === name);

/** The same; throws FL1013 when there is none. */
export const findWorkload = (name: string): Workload => {
  const known = WORKLOADS.map((each) => each.name);
  const found = workloadNamed(name);
  if (found) return found;
  throw new ForklabError('FL1013', { arrived: name, guess: nearest(name, known), known });
};
