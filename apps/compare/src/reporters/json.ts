/** The comparison as one JSON document. */
import type { Comparison } from '../document.js';

export const renderJson = (comparison: Comparison): string => `${JSON.stringify(comparison)}\n`;
