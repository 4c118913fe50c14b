/**
 * The live kernel: running traces on it, measuring it. The only package of forklab that touches the host.
 *
 * @packageDocumentation
 */
export * from './capture/index.js';
export { type CompileOptions, compileNative, findCompiler } from './compile.js';
export { type CostLayout, type Costs, openCosts } from './costs.js';
export { examineHost, fittingRelease, type HostFacts } from './host/examine-host.js';
export type { ProbePair } from './line-program.js';
export { openProbe, type Probe } from './probe.js';
export { type HostCosts, type ProbeOptions, probeHost } from './probe-host.js';
export { AREA_NAMES, type Area, areaInfo } from './random/areas.js';
export { type RandomTraceOptions, randomTrace } from './random-trace.js';
export {
  type KernelResult,
  type KernelRunner,
  type KernelRunOptions,
  type KernelSample,
  openKernelRunner,
  runOnKernel,
} from './run-on-kernel.js';
export { countsAgainstModel, type ValidateFinding } from './validate/finding.js';
export { judgeTrace, type Verdict } from './validate/judge-trace.js';
export { type Model, type ModelParts, modelOf } from './validate/model.js';
export {
  type Recording,
  type RecordingHead,
  type RecordingRow,
  type RecordOptions,
  record,
} from './validate/record.js';
export { type AreaSurvey, surveyAreas } from './validate/survey.js';
export { type ValidateOptions, type ValidateReport, validate } from './validate/validate.js';
