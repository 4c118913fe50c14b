/** Workloads as written on a command line or in a configuration: `redis-snapshot`, `redis-snapshot:mib=512,read=0.5`. */
import { ForklabError } from '@forklab/core';
import { findWorkload, type Made, workloadNamed } from '@forklab/workloads';
import { optionValue } from './spec.js';

/** A name before the first colon; what has a slash or ends as a trace does is a path. */
const NAME = /^([a-z][a-z0-9-]*)(?::(.*))?$/s;

/** Whether this names a workload: one there is, or with parameters, one that there might be. */
export const isWorkloadSpec = (text: string): boolean => {
  const [, name, options] = NAME.exec(text) ?? [];
  return name !== undefined && (workloadNamed(name) !== undefined || options !== undefined);
};

/** Makes it. Throws FL1013 and FL1014. */
export const makeWorkload = (text: string): Made => {
  const [, name = '', options] = NAME.exec(text) ?? [];
  const found = findWorkload(name);
  const given = (options ?? '').split(',').filter((pair) => pair !== '');
  return found.make(
    Object.fromEntries(
      given.map((pair) => {
        const equals = pair.indexOf('=');
        if (equals < 1) {
          const expected = 'KEY=VALUE';
          throw new ForklabError('FL1014', { workload: name, parameter: pair, arrived: '', expected });
        }
        return [pair.slice(0, equals), optionValue(pair.slice(equals + 1))] as const;
      }),
    ),
  );
};
