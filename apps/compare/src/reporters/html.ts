/** The comparison as one self-contained HTML page: the page that the build made, with the data put in. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ForklabError } from '@forklab/core';
import type { Comparison } from '../document.js';

/** The built page lies beside the built command; seen from the sources, it is where the build puts it. */
const templatePath = (): string => {
  const places = ['report.html', '../../dist/report.html'].map((at) => fileURLToPath(new URL(at, import.meta.url)));
  const built = import.meta.url.endsWith('.ts') ? places[1]! : places[0]!;
  return places.find((path) => existsSync(path)) ?? built;
};

const DATA_BLOCK = /(<script\b[^>]*\bid="forklab-data"[^>]*>)[\s\S]*?(<\/script>)/g;

/** `<` may not appear in the data block: `</script>` inside a name would end it. */
const escaped = (comparison: Comparison): string =>
  JSON.stringify(comparison).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

/** The page without data. Throws FL5002 when it is not built, FL5003 when it has no place for the data. */
export const readTemplate = (path = templatePath()): string => {
  if (!existsSync(path)) throw new ForklabError('FL5002', { path });
  const template = readFileSync(path, 'utf8');
  const found = [...template.matchAll(DATA_BLOCK)].length;
  if (found !== 1) throw new ForklabError('FL5003', { path, found });
  return template;
};

/** The page with the data. A function puts it in, since "$&" in the data must not expand. */
export const renderHtml = (comparison: Comparison, template: string): string =>
  template.replace(DATA_BLOCK, (_all, open: string, close: string) => `${open}${escaped(comparison)}${close}`);
