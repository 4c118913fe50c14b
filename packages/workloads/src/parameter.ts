/** Parameters of workloads: what each means, its default, and where that comes from. */
import { ForklabError } from '@forklab/core';

/** Where a default comes from. Whatever nobody has published is called an assumption, here and in every report. */
export const STANDING_DOCS = {
  published: 'a paper, a posting or a configuration that is shipped says so',
  measured: 'measured by us, on the machine of the price list vm-linux-6.18',
  assumption: 'nobody has published it; the source says what it was chosen by',
} as const;
export type Standing = keyof typeof STANDING_DOCS;

interface Described {
  readonly about: string;
  readonly standing: Standing;
  readonly source: string;
}

export interface NumberParameter extends Described {
  readonly is: 'number';
  readonly unit: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Fractions do not fit. */
  readonly whole: boolean;
}

export interface WordParameter extends Described {
  readonly is: 'word';
  readonly default: string;
  readonly words: readonly string[];
}

export type Parameter = NumberParameter | WordParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

/** One value for each parameter. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends WordParameter ? P[K]['words'][number] : number;
};

type Range = readonly [min: number, max: number];

const numbered =
  (whole: boolean) =>
  (about: string, unit: string, value: number, [min, max]: Range, standing: Standing, source: string) =>
    ({ is: 'number', about, unit, default: value, min, max, whole, standing, source }) as const;

export const whole = numbered(true);
export const real = numbered(false);
export const word = <W extends string>(
  about: string,
  words: readonly W[],
  value: W,
  standing: Standing,
  source: string,
) => ({ is: 'word', about, words, default: value, standing, source }) as const;

const fits = (parameter: Parameter, value: unknown): boolean =>
  parameter.is === 'word'
    ? parameter.words.includes(value as string)
    : typeof value === 'number' &&
      value >= parameter.min &&
      value <= parameter.max &&
      (!parameter.whole || Number.isInteger(value));

const expectedOf = (parameter: Parameter): string =>
  parameter.is === 'word'
    ? `one of ${parameter.words.join(', ')}`
    : `a ${parameter.whole ? 'whole ' : ''}number from ${parameter.min} to ${parameter.max}`;

/** The defaults, with `given` in their place. Throws FL1014 for a name that is none, and for a value out of range. */
export const valuesOf = <P extends Parameters>(
  workload: string,
  parameters: P,
  given: Readonly<Record<string, unknown>>,
): Values<P> => {
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) values[name] = parameter.default;
  for (const [name, arrived] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      const expected = `one of the parameters ${Object.keys(parameters).join(', ')}`;
      throw new ForklabError('FL1014', { workload, parameter: name, arrived, expected });
    }
    if (!fits(parameter, arrived)) {
      throw new ForklabError('FL1014', { workload, parameter: name, arrived, expected: expectedOf(parameter) });
    }
    values[name] = arrived;
  }
  return values as Values<P>;
};
