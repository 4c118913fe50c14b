/** Writing a file so that at its path there is the whole of it, or what was there before. */

import { randomBytes } from 'node:crypto';
import { open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const errnoIs = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/**
 * Writes `chunks` to `path`, compressed when the name ends with `.gz`. The bytes go to a new file in the same directory,
 * reach the disk, and then take the name; a failure leaves neither that file nor a changed `path`. A path that is a
 * device or a pipe is written to directly, since renaming would replace it.
 *
 * @throws whatever the host or `chunks` throw, unchanged.
 */
export const writeWhole = async (path: string, chunks: Iterable<string | Uint8Array>): Promise<void> => {
  const found = await stat(path).catch((error: unknown) => {
    if (errnoIs(error, 'ENOENT')) return undefined;
    throw error;
  });
  const direct = found !== undefined && !found.isFile() && !found.isDirectory();
  // A symbolic link to a file keeps pointing where it did; its target is what gets replaced.
  const target = found && !direct ? await realpath(path) : path;
  // Random, not counted: what a killed process left behind must not stand in the way of the next one.
  const aside = `.${basename(target).slice(0, 60)}.${randomBytes(6).toString('hex')}.tmp`;
  const writeTo = direct ? target : join(dirname(target), aside);
  const gzip = path.endsWith('.gz') ? [createGzip()] : [];
  // Opened before anything flows: a stream that opens the file itself may create it after its own failure.
  const handle = await open(writeTo, direct ? 'w' : 'wx');
  try {
    const out = handle.createWriteStream({ flush: !direct });
    await pipeline([Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), ...gzip, out]);
    if (!direct) await rename(writeTo, target);
  } catch (error) {
    if (!direct) await unlink(writeTo).catch(() => undefined);
    throw error;
  } finally {
    // After success the stream has closed it; closing twice is harmless.
    await handle.close().catch(() => undefined);
  }
};
