import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForklabError } from '../src/errors.js';
import type { Field, FieldType, OpName, Trace } from '../src/trace/index.js';
import {
  commonFields,
  formatTrace,
  HEADER,
  OPERATIONS,
  parseBytes,
  parseTrace,
  readTrace,
} from '../src/trace/index.js';

/** Few runs on every change; FORKLAB_FUZZ_RUNS=100000 is for a long look. A failure prints its seed. */
const numRuns = Number(process.env.FORKLAB_FUZZ_RUNS ?? 400);

const HEADER_LINE = '{"forklab":"trace","version":1,"name":"t"}';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Runs `read`; its answer is a trace that survives writing and reading, or undefined for a ForklabError. */
const readOrRefuse = async (read: () => Trace | Promise<Trace>): Promise<Trace | undefined> => {
  let trace: Trace;
  try {
    trace = await read();
  } catch (error) {
    if (!(error instanceof ForklabError)) throw error;
    expect(error.code).toMatch(/^FL20(0[1-9]|1[0-57])$/);
    expect(error.message.length).toBeLessThan(1500);
    expect(error.message).not.toMatch(/\p{Cc}|undefined|\[object/u);
    return undefined;
  }
  expect(parseTrace(formatTrace(trace))).toEqual(trace);
  return trace;
};

/** Words that a careless reader trips over. */
const TRAPS = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', 'then', 'length', 'op', 'note', 'NaN', '-0', '', '\ufeff', '\u0000', '\ud800', '\u202e', '😀'],
];

const trap = fc.constantFrom(...TRAPS);

const oddNumber = fc.oneof(
  fc.constantFrom(-1, -0, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, 1e300, 1e-300),
  fc.double(),
  fc.maxSafeInteger(),
);

/** Any JSON value, with the traps among its keys and texts. */
const odd = fc.oneof(
  { withCrossShrink: true },
  trap,
  oddNumber,
  fc.constantFrom('9007199254740993', '0x20000000000000', '8PiB', '1e3', ' 1', '1K', '0x'),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(trap, fc.jsonValue({ maxDepth: 1 })),
);

const bytes = (min: number) =>
  fc.oneof(
    fc.integer({ min, max: 2 ** 31 }),
    fc.maxSafeNat().map((n) => Math.max(n, min)),
    fc.maxSafeNat().map((n) => `0x${Math.max(n, min).toString(16)}`),
    fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.constantFrom('', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'))
      .map((it) => it.join(''))
      .filter((it) => parseBytes(it)! >= min),
  );

const NAMES = ['p0', 'p1', 'x y', 'ß', '0', '😀'];
const names = fc.constantFrom(...NAMES);

/** Values that fit a field, as they may stand in a file. */
const fitting = (type: FieldType): fc.Arbitrary<unknown> => {
  switch (type.is) {
    case 'address':
      return bytes(0);
    case 'bytes':
      return bytes(type.min);
    case 'integer':
      return fc.integer({ min: type.min, max: type.max });
    case 'real':
      return fc.double({ min: type.min, max: type.max, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'name':
    case 'title':
      return names;
    case 'text':
      return fc.string({ unit: 'binary' });
    case 'choice':
      return fc.constantFrom(...type.of);
    case 'flags': {
      const others = (type.of ?? NAMES).filter((word) => !type.exactlyOne?.includes(word));
      const one = type.exactlyOne ? fc.constantFrom(...type.exactlyOne).map((word) => [word]) : fc.constant([]);
      return fc
        .tuple(one, fc.subarray([...others]))
        .chain(([a, b]) => fc.shuffledSubarray([...a, ...b], { minLength: a.length + b.length }));
    }
    case 'exclusions': {
      const all = type.of.map((field) => ({ field, why: 'it varies' }));
      return fc.subarray(all);
    }
    case 'constant':
      return fc.constant(type.value);
    case 'object':
      return fc
        .dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
        .filter((it) => !JSON.stringify(it).includes('__proto__'));
  }
};

/** An object of the table `fields` whose every field fits; fields with a condition follow the field that decides. */
const record = (fields: Readonly<Record<string, Field>>): fc.Arbitrary<Record<string, unknown>> => {
  const required = Object.keys(fields).filter((name) => fields[name]?.required);
  const model = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, fitting(type)]));
  return fc
    .record(model, { requiredKeys: [...required, ...Object.keys(fields).filter((name) => fields[name]?.when)] })
    .map((it) => {
      const kept = Object.entries(it).filter(([name]) => {
        const when = fields[name]?.when;
        return when === undefined || it[when.field] === when.is;
      });
      return Object.fromEntries(kept);
    });
};

const line = fc.oneof(
  ...Object.entries(OPERATIONS).map(([op, { fields }]) =>
    record({ ...fields, ...commonFields(op as OpName) }).map((it) => ({ op, ...it })),
  ),
);

/** Lines that fit by themselves, and need not fit each other. */
const lines = fc.array(line, { maxLength: 12 });

const header = record(HEADER as unknown as Record<string, Field>);

const PREAMBLE = [
  ...NAMES.map((proc) => ({ op: 'process', proc })),
  ...NAMES.map((file) => ({ op: 'file', file, size: '1MiB' })),
  ...NAMES.map((object) => ({ op: 'share', object, kind: 'object-owned', size: '2MiB' })),
];

const text = (head: object, ops: readonly object[]): string =>
  [head, ...ops].map((it) => JSON.stringify(it)).join('\n');

describe('a trace reader', () => {
  it('takes every line that the table allows, once its names are made', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(header, line, async (head, op) => {
        const makes = op.op === 'process' || op.op === 'file' || op.op === 'share' || 'child' in op;
        // What makes a name collides with the preamble; under another name it does not.
        const made = { proc: 'new', file: 'new', object: 'new' };
        const key = { process: 'proc', file: 'file', share: 'object' }[op.op as 'process'];
        const fresh = makes ? { ...op, ...(key ? { [key]: made[key as 'proc'] } : { child: 'new' }) } : op;
        const trace = await readOrRefuse(() => parseTrace(text(head, [...PREAMBLE, fresh])));
        expect(trace?.ops).toHaveLength(PREAMBLE.length + 1);
        taken++;
      }),
      { numRuns },
    );
    expect(taken).toBeGreaterThanOrEqual(numRuns);
  });

  it('takes or refuses lines that need not fit each other', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (ops) => {
        await readOrRefuse(() => parseTrace(text(JSON.parse(HEADER_LINE), [...PREAMBLE.slice(0, 2), ...ops])));
      }),
      { numRuns },
    );
  });

  it('takes or refuses a line one field of which is anything', async () => {
    const mutated = fc.tuple(line, fc.oneof(trap, fc.nat()), odd, fc.boolean()).map(([op, which, value, drop]) => {
      const keys = Object.keys(op);
      const key = typeof which === 'string' ? which : keys[which % keys.length]!;
      const entries = Object.entries(op).filter(([name]) => name !== key);
      // Spelled as text, since `__proto__` in an object would not be a field.
      const spelled = drop ? entries : [...entries, [key, value] as const];
      return `{${spelled.map(([name, it]) => `${JSON.stringify(name)}:${JSON.stringify(it) ?? 'null'}`).join(',')}}`;
    });
    await fc.assert(
      fc.asyncProperty(mutated, async (bad) => {
        await readOrRefuse(() => parseTrace(`${text(JSON.parse(HEADER_LINE), PREAMBLE)}\n${bad}`));
      }),
      { numRuns: 4 * numRuns },
    );
  });

  it('takes or refuses any JSON value as a header and as an operation', async () => {
    await fc.assert(
      fc.asyncProperty(odd, odd, async (first, second) => {
        await readOrRefuse(() => parseTrace(JSON.stringify(first) ?? ''));
        await readOrRefuse(() => parseTrace(`${HEADER_LINE}\n${JSON.stringify(second)}`));
      }),
      { numRuns },
    );
  });

  it('takes or refuses any bytes, plain and as gzip, in any pieces, and both ways alike', async () => {
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 100 }).map((it) => Buffer.from(`${HEADER_LINE}\n${it}`)),
    );
    await fc.assert(
      fc.asyncProperty(data, fc.integer({ min: 1, max: 70 }), async (raw, size) => {
        const plain = await readOrRefuse(() => readTrace(inPieces(raw, size)));
        const packed = await readOrRefuse(() => readTrace(inPieces(gzipSync(raw), size)));
        // Bytes that begin as gzip does are one thing when plain and another inside gzip.
        if (!(raw[0] === 0x1f && raw[1] === 0x8b)) expect(packed).toEqual(plain);
        await readOrRefuse(() => readTrace(inPieces(Buffer.concat([Buffer.of(0x1f, 0x8b), raw]), size)));
      }),
      { numRuns },
    );
  });

  it('takes or refuses a sound trace with bytes changed, lost, added or moved, plain and as gzip', async () => {
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.integer({ min: 0, max: 4 }),
      add: fc.uint8Array({ maxLength: 4 }),
    });
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    const apply = (sound: Buffer, changes: readonly { at: number; drop: number; add: Uint8Array }[]): Buffer =>
      changes.reduce((data, { at, drop, add }) => {
        const place = at % (data.length + 1);
        return Buffer.concat([data.subarray(0, place), add, data.subarray(Math.min(place + drop, data.length))]);
      }, sound);
    await fc.assert(
      fc.asyncProperty(line, edits, fc.boolean(), async (op, changes, zip) => {
        const sound = Buffer.from(text(JSON.parse(HEADER_LINE), [...PREAMBLE.slice(0, 2), op]));
        await readOrRefuse(() => readTrace(inPieces(apply(zip ? gzipSync(sound) : sound, changes), 4096)));
      }),
      { numRuns: 2 * numRuns },
    );
  });
});
