/** What a workload is: parameters, and what they make. */
import type { Json, Op, ServerLoad, Trace } from '@forklab/core';
import { type Parameters, type Values, valuesOf } from './parameter.js';

/** Made from a workload and values for its parameters. */
export interface Made {
  readonly trace: Trace;
  /** Of a workload that serves requests: what it is asked. Else null. */
  readonly load: ServerLoad | null;
}

export interface Workload {
  readonly name: string;
  readonly about: string;
  /** The system, paper or posting that it stands for. */
  readonly of: string;
  readonly parameters: Parameters;
  /** Throws FL1014. The same values give the same trace to the last byte. */
  make(given?: Readonly<Record<string, unknown>>): Made;
}

interface Definition<P extends Parameters> {
  readonly name: string;
  readonly about: string;
  readonly of: string;
  readonly parameters: P;
  /** The trace in a sentence. */
  readonly says: (values: Values<P>) => string;
  readonly ops: (values: Values<P>) => readonly Op[];
  readonly load?: (values: Values<P>) => ServerLoad;
}

/** Parameters and their standing, for the header of the trace, and so for every report of it. */
const sourceOf = <P extends Parameters>({ name, of, parameters }: Definition<P>, values: Values<P>): Json => {
  const given = (key: string): boolean => values[key] !== parameters[key]!.default;
  const standing = (key: string): string => {
    const parameter = parameters[key]!;
    return given(key) ? 'given' : `${parameter.standing}: ${parameter.source}`;
  };
  const keys = Object.keys(parameters);
  const assumed = keys.filter((key) => !given(key) && parameters[key]!.standing === 'assumption');
  return {
    kind: 'workload',
    of,
    workload: name,
    assumed: assumed.join(', ') || 'nothing',
    parameters: { ...values } as Record<string, Json>,
    ...Object.fromEntries(
      keys.map((key) => {
        const parameter = parameters[key]!;
        const unit = parameter.is === 'number' ? ` ${parameter.unit}` : '';
        return [key, `${values[key]}${unit} (${parameter.about}); ${standing(key)}`];
      }),
    ),
  };
};

const spelled = <P extends Parameters>(name: string, parameters: P, values: Values<P>): string => {
  const changed = Object.keys(parameters).filter((key) => values[key] !== parameters[key]!.default);
  return changed.length === 0 ? name : `${name}:${changed.map((key) => `${key}=${values[key]}`).join(',')}`;
};

export const workload = <P extends Parameters>(definition: Definition<P>): Workload => {
  const { name, about, of, parameters, says, ops, load } = definition;
  return {
    name,
    about,
    of,
    parameters,
    make(given = {}) {
      const values = valuesOf(name, parameters, given);
      const header = {
        forklab: 'trace',
        version: 1,
        name: spelled(name, parameters, values),
        description: says(values),
        source: sourceOf(definition, values) as Record<string, Json>,
      } as const;
      return { trace: { header, ops: ops(values) }, load: load?.(values) ?? null };
    },
  };
};
