/**
 * Building the native programs of this package, once for each source and compiler. They are small, so they are
 * compiled on the machine that runs them; a published binary could not be checked by whoever installs it.
 */

import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ForklabError } from '@forklab/core';

const run = promisify(execFile);

const NATIVE = fileURLToPath(new URL('../native/', import.meta.url));
const COMPILERS = ['cc', 'gcc', 'clang'] as const;
const COMPILE_TIMEOUT_MS = 60_000;

const WARNINGS = ['-Wall', '-Wextra'];
const PROGRAMS = {
  runner: ['-O2', ...WARNINGS],
  probe: ['-O2', ...WARNINGS],
  costs: ['-O2', '-pthread', ...WARNINGS],
  subject: [
    ...['-static', '-nostdlib', '-ffreestanding', '-fno-pie', '-no-pie', ...WARNINGS],
    ...['-Wl,-z,noexecstack', '-Wl,--build-id=none', '-Wl,-Ttext-segment=0x400000'],
  ],
} as const;

/** The programs of `native/`. */
export type NativeProgram = keyof typeof PROGRAMS;

/** Where to compile, and with what. */
export interface CompileOptions {
  /** Name or path of a C compiler. Default: `$CC`, else the first of `cc`, `gcc`, `clang` that answers. */
  readonly compiler?: string;
  /** Folder for the programs, made with mode 0700. Default: `forklab` in `$XDG_CACHE_HOME`, else in the temporary folder. */
  readonly cacheDir?: string;
}

interface Compiler {
  readonly name: string;
  readonly version: string;
}

const versionOf = async (name: string): Promise<string | undefined> => {
  try {
    return (await run(name, ['--version'], { timeout: COMPILE_TIMEOUT_MS })).stdout;
  } catch {
    return undefined;
  }
};

/** The C compiler that would be used, or undefined when there is none. */
export const findCompiler = async (options: CompileOptions = {}): Promise<Compiler | undefined> => {
  const asked = options.compiler ?? process.env.CC;
  for (const name of asked ? [asked] : COMPILERS) {
    const version = await versionOf(name);
    if (version !== undefined) return { name, version };
  }
  return undefined;
};

const defaultCacheDir = (): string => {
  const shared = process.env.XDG_CACHE_HOME;
  return shared ? join(shared, 'forklab') : join(tmpdir(), `forklab-${process.getuid?.() ?? 0}`);
};

/** A folder that somebody else may write to could hold somebody else's program, so it is refused. */
const safeFolder = async (path: string): Promise<string> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ForklabError('FL4004', { path, problem: (error as Error).message });
  }
  const { mode, uid } = await lstat(path);
  const problem =
    (mode & constants.S_IFMT) !== constants.S_IFDIR
      ? 'it is no folder'
      : uid !== process.getuid?.()
        ? 'it belongs to another user'
        : (mode & 0o022) !== 0
          ? 'others may write to it'
          : undefined;
  if (problem !== undefined) throw new ForklabError('FL4004', { path, problem });
  return path;
};

const sourceHash = async (compiler: Compiler, flags: readonly string[]): Promise<string> => {
  const hash = createHash('sha256').update(JSON.stringify([compiler, flags]));
  for (const name of (await readdir(NATIVE)).sort()) hash.update(name).update(await readFile(join(NATIVE, name)));
  return hash.digest('hex').slice(0, 24);
};

const isThere = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/**
 * The path of the program, compiled now if it was not before.
 * @throws ForklabError FL4001 (not Linux on x86-64), FL4002 (no compiler), FL4003 (it failed), FL4004 (cache folder).
 */
export const compileNative = async (program: NativeProgram, options: CompileOptions = {}): Promise<string> => {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64') throw new ForklabError('FL4001', { platform, arch });
  const compiler = await findCompiler(options);
  const asked = options.compiler ?? process.env.CC;
  if (compiler === undefined) throw new ForklabError('FL4002', { tried: asked ? [asked] : COMPILERS });
  const flags = PROGRAMS[program];
  const folder = await safeFolder(options.cacheDir ?? defaultCacheDir());
  const path = join(folder, `${program}-${await sourceHash(compiler, flags)}`);
  if (await isThere(path)) return path;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await run(compiler.name, [join(NATIVE, `${program}.c`), ...flags, '-o', draft], { timeout: COMPILE_TIMEOUT_MS });
    // Others may be compiling the same; each renames a whole program over the other's equal one.
    await rename(draft, path);
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    throw new ForklabError('FL4003', { program, compiler: compiler.name, output: stderr || message });
  } finally {
    await rm(draft, { force: true });
  }
  return path;
};
