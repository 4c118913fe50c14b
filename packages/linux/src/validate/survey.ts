/** Which areas can be compared here: the kernel and the model must both have the calls, and the host what they need. */

import type { Trace } from '@forklab/core';
import type { HostFacts } from '../host/examine-host.js';
import { AREA_NAMES, type Area, areaInfo } from '../random/areas.js';
import type { KernelRunner } from '../run-on-kernel.js';
import type { Model } from './model.js';

export interface AreaSurvey {
  readonly area: Area;
  /** Why it is left out; null when it is not. */
  readonly why: string | null;
}

const NO_CALL = 'ENOSYS';

const probeOf = (area: Area): Trace | null => {
  const ops = areaInfo(area).probe;
  if (ops === undefined) return null;
  return { header: { forklab: 'trace', version: 1, name: area }, ops: [{ op: 'process', proc: 'p' }, ...ops] };
};

const lacking = async (area: Area, host: HostFacts, kernel: KernelRunner, model: Model): Promise<string | null> => {
  const lacks = areaInfo(area).lacks?.(host);
  if (lacks) return lacks;
  const probe = probeOf(area);
  if (probe === null) return null;
  const refused = (steps: readonly { readonly op: string; readonly result: unknown }[]): string | undefined =>
    steps.find(({ result }) => result === NO_CALL)?.op;
  const modelled = refused(model.run(probe).steps);
  if (modelled !== undefined) return `the model does not model ${modelled} of this kind`;
  const called = refused((await kernel.run(probe)).steps);
  return called === undefined ? null : `this kernel refuses ${called} of this kind`;
};

/** Every area, in order, with the reason why it is left out. */
export const surveyAreas = async (
  host: HostFacts,
  kernel: KernelRunner,
  model: Model,
  areas: readonly Area[] = AREA_NAMES,
): Promise<AreaSurvey[]> => {
  const surveyed: AreaSurvey[] = [];
  for (const area of areas) surveyed.push({ area, why: await lacking(area, host, kernel, model) });
  return surveyed;
};
