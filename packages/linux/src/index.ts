/**
 * The live kernel: running traces on it, measuring it. The only package of forklab that touches the host.
 *
 * @packageDocumentation
 */
export * from './capture/index.js';
export { type CompileOptions, compileNative, findCompiler } from './compile.js';
export { openProbe, type Probe, type ProbePair } from './probe.js';
export { type HostCosts, type ProbeOptions, probeHost } from './probe-host.js';
export { type RandomTraceOptions, randomTrace } from './random-trace.js';
export {
  type KernelResult,
  type KernelRunner,
  type KernelRunOptions,
  type KernelSample,
  openKernelRunner,
  runOnKernel,
} from './run-on-kernel.js';
