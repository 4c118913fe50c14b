/** Arrival times of requests from a log: one request a line, its time in seconds first. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ForklabError, osReason } from '@forklab/core';
import type { Input } from './inputs.js';

const REQUESTS_MAX = 2_000_000;
const LINE_MAX = 4096;

/** Nanoseconds from the first request. Throws FL1017 for the first line that does not fit. */
const readArrivals = async (named: string, cwd: string): Promise<readonly number[]> => {
  const fail = (line: number, problem: string): never => {
    throw new ForklabError('FL1017', { file: named, line, problem });
  };
  const atNs: number[] = [];
  let first = 0;
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(resolve(cwd, named)) })) {
      line++;
      if (text.length > LINE_MAX) fail(line, `it has more than ${LINE_MAX} characters`);
      const [word = ''] = text.trim().split(/[\s,;]/, 1);
      const at = Number(word);
      if (word === '' || !Number.isFinite(at)) fail(line, 'it does not begin with a time in seconds');
      if (atNs.length === 0) first = at;
      const ns = (at - first) * 1e9;
      if (ns < (atNs.at(-1) ?? 0)) fail(line, 'it is earlier than the line before');
      if (ns > Number.MAX_SAFE_INTEGER) fail(line, 'it is more than a hundred days after the first');
      if (atNs.length >= REQUESTS_MAX) fail(line, `there are more than ${REQUESTS_MAX} requests`);
      atNs.push(ns);
    }
  } catch (error) {
    if (error instanceof ForklabError || typeof Object(error).code !== 'string') throw error;
    fail(line + 1, osReason(error));
  }
  if (atNs.length === 0) fail(1, 'there is no request in it');
  return atNs;
};

/** The same inputs, whose requests arrive as the log says. A closed loop stays one: its requests wait for answers. */
export const withArrivals = async (
  inputs: readonly Input[],
  named: string | undefined,
  cwd: string,
): Promise<readonly Input[]> => {
  if (named === undefined) return inputs;
  const atNs = await readArrivals(named, cwd);
  return inputs.map((input) => {
    const { load } = input;
    if (load === null || load.arrivals.kind === 'closed') return input;
    return { ...input, load: { ...load, arrivals: { kind: 'log', atNs }, requests: atNs.length } };
  });
};
