/** What the lines of a trace say about each other: everything is made before it is used, and once. */

import { ForklabError } from '../errors.js';
import { nearest } from '../words.js';
import type { Place } from './check.js';
import type { FieldType, NameKind } from './field-types.js';
import type { Field } from './fields.js';
import { OPERATIONS } from './fields.js';
import type { Op } from './types.js';

type NameField = readonly [field: string, type: FieldType & { readonly is: 'name' }];

const NAME_FIELDS: ReadonlyMap<string, readonly NameField[]> = new Map(
  Object.entries(OPERATIONS).map(([name, { fields }]) => [
    name,
    Object.entries<Field>(fields).flatMap(([field, { type }]) => (type.is === 'name' ? [[field, type] as const] : [])),
  ]),
);

/** How many names a guess looks at. */
const GUESSED_FROM_MAX = 1000;

/** Where a name was made and, for a process, where it ended and whether it waits. */
interface Life {
  readonly made: number;
  ended?: number;
  /** The vfork child that it waits for, and since when. */
  waits?: { readonly child: string; readonly since: number };
}

/** The parent of a vfork waits until the child exits, or executes another program. `waiting`: parents by child. */
const followVfork = (op: Op, processes: ReadonlyMap<string, Life>, waiting: Map<string, Life>, line: number): void => {
  if (op.op === 'vfork') {
    const parent = processes.get(op.proc)!;
    parent.waits = { child: op.child, since: line };
    waiting.set(op.child, parent);
  } else if (op.op === 'exit' || op.op === 'exec') {
    delete waiting.get(op.proc)?.waits;
    waiting.delete(op.proc);
  }
};

/**
 * Takes the operations of one trace in order; each must fit those before it.
 *
 * @returns a function that throws ForklabError FL2013 (never made), FL2014 (dead), FL2015 (taken) or FL2017 (waits).
 */
export const createOrderChecker = (): ((op: Op, place: Place) => void) => {
  const names: Record<NameKind, Map<string, Life>> = {
    process: new Map(),
    file: new Map(),
    object: new Map(),
    sample: new Map(),
    dump: new Map(),
  };
  const waiting = new Map<string, Life>();

  const unmade = (name: string, kind: NameKind): { guess?: string } => {
    const near: string[] = [];
    for (const [other, { ended }] of names[kind]) {
      if (ended === undefined) near.push(other);
      if (near.length === GUESSED_FROM_MAX) break;
    }
    const guess = nearest(name, near);
    return guess === undefined ? {} : { guess };
  };

  return (op, place) => {
    for (const [field, { of: kind, role }] of NAME_FIELDS.get(op.op) ?? []) {
      const name = (op as unknown as Readonly<Record<string, string | undefined>>)[field];
      if (name === undefined) continue;
      const life = names[kind].get(name);
      const alive = life !== undefined && life.ended === undefined;
      if (role === 'new') {
        if (alive) throw new ForklabError('FL2015', { ...place, op: op.op, field, kind, name, made: life.made });
        names[kind].set(name, { made: place.line });
        continue;
      }
      if (life === undefined) {
        throw new ForklabError('FL2013', { ...place, op: op.op, field, kind, name, ...unmade(name, kind) });
      }
      if (life.ended !== undefined) {
        throw new ForklabError('FL2014', { ...place, op: op.op, field, name, ended: life.ended });
      }
      if (life.waits !== undefined) {
        throw new ForklabError('FL2017', { ...place, op: op.op, field, name, ...life.waits });
      }
      if (role === 'last') life.ended = place.line;
    }
    followVfork(op, names.process, waiting, place.line);
  };
};
