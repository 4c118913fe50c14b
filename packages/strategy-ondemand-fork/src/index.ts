/** @packageDocumentation On-Demand Fork: tables of private anonymous memory, shared at fork and copied on fault. */
export { type OndemandForkOptions, ondemandFork, ondemandFork as strategy } from './ondemand-fork.js';
