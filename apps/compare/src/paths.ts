/** Showing paths as a user would write them. */
import { isAbsolute, relative, sep } from 'node:path';

/** The path from `dir`, as short as it gets: relative when it lies below `dir` or close to it, else as it is. */
export const relativeTo = (dir: string, path: string): string => {
  if (!isAbsolute(path)) return path;
  const short = relative(dir, path) || '.';
  return short.startsWith(`..${sep}..${sep}..`) || isAbsolute(short) ? path : short;
};
