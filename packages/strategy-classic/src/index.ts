/** @packageDocumentation Classic fork: the baseline that every other strategy is compared with. */
export { classic, classic as strategy } from './classic.js';
