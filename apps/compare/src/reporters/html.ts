/** The comparison as one self-contained HTML page: the page that the build made, with the data put in. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ForklabError } from '@forklab/core';
import type { Comparison } from '../document.js';

/** The built page lies beside the built command. From the sources, it is looked for where the build puts it. */
const templatePath = (): string => {
  const beside = fileURLToPath(new URL('report.html', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../dist/report.html', import.meta.url));
};

const DATA_BLOCK = /(<script\b[^>]*\bid="forklab-data"[^>]*>)[\s\S]*?(<\/script>)/g;

/** `<` may not appear in the data block: `</script>` inside a name would end it. */
const escaped = (comparison: Comparison): string =>
  JSON.stringify(comparison).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** Throws FL5002 when the page is not built, FL5003 when it has no place for the data. */
export const renderHtml = (comparison: Comparison, path = templatePath()): string => {
  if (!existsSync(path)) throw new ForklabError('FL5002', { path });
  const template = readFileSync(path, 'utf8');
  const found = [...template.matchAll(DATA_BLOCK)].length;
  if (found !== 1) throw new ForklabError('FL5003', { path, found });
  // A function, since "$&" in the data must not expand.
  return template.replace(DATA_BLOCK, (_all, open: string, close: string) => `${open}${escaped(comparison)}${close}`);
};
