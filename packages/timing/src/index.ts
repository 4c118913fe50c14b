/**
 * Prices for what forklab counts. Counters are facts; a price list is an opinion with a unit, a source and a range.
 * Pure functions: no clock, no randomness, the same counts and list give the same nanoseconds to the last bit.
 *
 * @packageDocumentation
 */

export type { BreakEven, BreakEvenOptions, CostPair } from './break-even.js';
export { breakEven } from './break-even.js';
export type { FittedOperation, Measurement, Operation, Term } from './calibrate/fit-operations.js';
export { calibratedList, fitOperations, HELD_OUT_EVERY, OPERATIONS } from './calibrate/fit-operations.js';
export type { Equation, Fitted } from './calibrate/least-squares.js';
export { fitPrices, median, nonNegativeLeastSquares } from './calibrate/least-squares.js';
export { epyc7302p } from './epyc-7302p.js';
export { hostVm } from './host-vm.js';
export type { FaultPrices } from './price-faults.js';
export { priceFaults, shapesBeyondTotals } from './price-faults.js';
export type { Price, PriceKind, PriceList, WorkCounts } from './price-list.js';
export { PRICE_KIND_DOCS, PRICE_KINDS, priceProblems, scale } from './price-list.js';
export { PRICE_LISTS, priceList } from './price-lists.js';
export { priceTable } from './price-table.js';
export type { PricedWork } from './price-work.js';
export { nsOf, priceWork } from './price-work.js';
export type { Flip, RangeFlip, Ranked, RankRow, RankStability } from './rank-stability.js';
export { rankStability } from './rank-stability.js';
export { CONTENTION_PRICES, type ContentionPrices } from './requests/contention.js';
export type { Latency, LatencySeries } from './requests/latency.js';
export { latencyOf, PERCENTILES } from './requests/latency.js';
export type { Answered, ForkEvent, RequestLog } from './requests/log.js';
export { serveAgain } from './requests/log.js';
export { Queue, type QueueSetup, type Served, type Spent } from './requests/queue.js';
export type { RequestReport, Window } from './requests/report.js';
export { latenciesDuring } from './requests/report.js';
export type { Simulation, SimulationOptions } from './requests/simulate.js';
export { simulate } from './requests/simulate.js';
