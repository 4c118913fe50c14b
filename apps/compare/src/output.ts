/** Writing results so that nothing half-written is ever in their place. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ForklabError, osReason, writeWhole } from '@forklab/core';

export interface OutputFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Writes all files of a report, or none: into a folder beside the target first, then each is renamed into place. What
 * the target held under other names stays. Throws FL5001.
 */
export const writeReport = (dir: string, files: readonly OutputFile[]): void => {
  let staging: string | null = null;
  try {
    mkdirSync(dirname(dir), { recursive: true });
    staging = mkdtempSync(join(dirname(dir), `.${basename(dir)}-`));
    for (const { name, text } of files) writeFileSync(join(staging, name), text);
    mkdirSync(dir, { recursive: true });
    for (const { name } of files) renameSync(join(staging, name), join(dir, name));
  } catch (error) {
    throw new ForklabError('FL5001', { path: dir, reason: osReason(error) }, { cause: error });
  } finally {
    if (staging !== null) rmSync(staging, { recursive: true, force: true });
  }
};

/** Writes one file, whole or not at all. Throws FL5004. */
export const writeFileWhole = async (path: string, text: string): Promise<void> => {
  try {
    await writeWhole(path, [text]);
  } catch (error) {
    throw new ForklabError('FL5004', { path, reason: osReason(error) }, { cause: error });
  }
};
