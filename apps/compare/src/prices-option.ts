/** The price list that a user names: one that ships, or a file that `forklab calibrate` wrote. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ForklabError, nearest, osReason } from '@forklab/core';
import { PRICE_LISTS, type PriceList, priceList, priceProblems } from '@forklab/timing';

/** A list that a file holds must be whole: a price that is missing would count as free. */
const readList = (named: string, dir: string): PriceList => {
  const fail = (problem: string): never => {
    throw new ForklabError('FL1016', { file: named, problem });
  };
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(resolve(dir, named), 'utf8'));
  } catch (error) {
    return fail(error instanceof SyntaxError ? 'it is not JSON' : osReason(error));
  }
  const has = (key: string): boolean => typeof Object(value)[key] === 'string';
  if (!has('name') || !has('about') || !has('host')) return fail('it lacks name, about or host');
  if (typeof Object(value).prices !== 'object' || Object(value).prices === null) return fail('it has no prices');
  const [problem] = priceProblems(value as PriceList);
  return problem === undefined ? (value as PriceList) : fail(problem);
};

/** Throws FL1011 for a name that is none, and FL1016 for a file that cannot be used. */
export const pricesOf = (named: string | undefined, dir: string): PriceList => {
  if (named?.endsWith('.json')) return readList(named, dir);
  const known = PRICE_LISTS.map((list) => list.name);
  const found = named === undefined ? PRICE_LISTS[0] : priceList(named);
  if (found) return found;
  throw new ForklabError('FL1011', { arrived: named!, guess: nearest(named!, known), known });
};
