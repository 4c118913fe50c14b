/** Writing a trace to a file. */

import { ForklabError } from '../errors.js';
import { osReason } from '../words.js';
import { traceLines } from './format.js';
import type { TraceLimits } from './parse.js';
import type { Trace } from './types.js';
import { writeWhole } from './whole-file.js';

/** Lines are written in pieces of about this many characters. */
const PIECE_LENGTH = 65536;

function* pieces(lines: Iterable<string>): Generator<string, void> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length >= PIECE_LENGTH) {
      yield piece;
      piece = '';
    }
  }
  if (piece) yield piece;
}

/**
 * Writes a trace, as gzip when the name ends with `.gz`. The same trace always gives the same bytes. A failure leaves
 * `path` as it was.
 *
 * @throws ForklabError FL2016 when the host refuses; FL2004 to FL2015, FL2017 when the trace could not be read back.
 */
export const writeTrace = async (path: string, trace: Trace, limits: Partial<TraceLimits> = {}): Promise<void> => {
  try {
    await writeWhole(path, pieces(traceLines(trace, path, limits)));
  } catch (error) {
    if (error instanceof ForklabError) throw error;
    throw new ForklabError('FL2016', { file: path, reason: osReason(error) }, { cause: error });
  }
};
