/**
 * Workloads: generators of traces and of request loads. Each parameter says where its default comes from, and what is
 * not published is called an assumption.
 *
 * @packageDocumentation
 */

export { type Imported, type ImportOptions, importLog, LOG_FORMATS, type LogFormat } from './import/import-log.js';
export type { NumberParameter, Parameter, Parameters, Standing, Values, WordParameter } from './parameter.js';
export { STANDING_DOCS, valuesOf } from './parameter.js';
export type { Made, Workload } from './workload.js';
export { workload } from './workload.js';
export { findWorkload, WORKLOADS, workloadNamed } from './workloads.js';
