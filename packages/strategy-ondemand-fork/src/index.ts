/** @packageDocumentation On-Demand Fork: tables of private anonymous memory, shared at fork and copied on fault. */
export { type OndemandForkOptions, ondemandFork, ondemandFork as strategy } from './ondemand-fork.js';
export { ONDEMAND_FORK_VARIANTS, type OndemandForkVariant } from './variants.js';
