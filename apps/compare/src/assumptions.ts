/** What nobody has published about an input, in a sentence: a report that hides it would be an opinion in disguise. */
import type { InputResult } from './document.js';

/** Of a generated workload, the parameters that are assumed; of any other input, nothing. */
export const assumptionsOf = ({ source }: Pick<InputResult, 'source'>): string => {
  const { kind, assumed } = source;
  if (kind !== 'workload' || typeof assumed !== 'string' || assumed === 'nothing') return '';
  return `Assumed, since nobody has published it: ${assumed}.`;
};
