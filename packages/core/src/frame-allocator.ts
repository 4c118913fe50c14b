/** Page frames as such: taking them, giving them back, and what lies in them. Frames that are free are chained. */
import { FIRST_PFN, KIND_FREE, KIND_ZERO, ZERO_PFN } from './frame-state.js';
import { PAGE_SIZE } from './geometry.js';
import type { Physical } from './physical.js';
import type { Pfn } from './strategy.js';

export class FrameAllocator {
  /** State words by frame number. Replaced when the machine grows: do not keep across an allocation. */
  meta = new Uint16Array(256);
  /** The 32-bit word at offset 0 of each page. Replaced like `meta`. */
  contents = new Uint32Array(256);
  /** Frames in use, the zero page not counted. */
  live = 0;
  #top = FIRST_PFN;
  #free = 0;
  /** First frames of free runs. */
  readonly #runs: Pfn[] = [];
  readonly #physical: Physical;
  /** Frames in a run: as many as a PMD entry spans. */
  readonly #runFrames: number;

  constructor(physical: Physical, runFrames: number) {
    this.#physical = physical;
    this.#runFrames = runFrames;
    this.meta[ZERO_PFN] = KIND_ZERO;
  }

  /** A frame of this kind, unmapped, its contents word 0. Answers 0 when memory is full. */
  alloc(kind: number): Pfn {
    if (!this.#physical.take()) return 0;
    if (this.#free === 0 && this.#runs.length > 0) this.#chain(this.#runs.pop()!);
    let pfn = this.#free;
    if (pfn !== 0) this.#free = this.contents[pfn]!;
    else {
      pfn = this.#top++;
      if (pfn >= this.meta.length) this.#grow();
    }
    this.meta[pfn] = kind;
    this.contents[pfn] = 0;
    this.live++;
    return pfn;
  }

  /** Gives a frame back. Its mapcount is 0 and nobody pins it. */
  free(pfn: Pfn): void {
    this.meta[pfn] = KIND_FREE;
    this.#release(pfn);
    this.live--;
    this.#physical.give();
  }

  /** An aligned run of frames in this state, their contents 0. Answers the first one, or 0 when memory is full. */
  allocRun(state: number): Pfn {
    const frames = this.#runFrames;
    if (!this.#physical.take(frames)) return 0;
    const first = this.#runs.pop() ?? this.#freshRun();
    this.meta.fill(state, first, first + frames);
    this.contents.fill(0, first, first + frames);
    this.live += frames;
    return first;
  }

  /** Gives a run back as one. */
  freeRun(first: Pfn): void {
    const frames = this.#runFrames;
    this.meta.fill(KIND_FREE, first, first + frames);
    this.#runs.push(first);
    this.live -= frames;
    this.#physical.give(frames);
  }

  /** A run never used before; the frames that are skipped to align it are free for other uses. */
  #freshRun(): Pfn {
    const frames = this.#runFrames;
    const skipped = this.#top;
    const first = Math.ceil(skipped / frames) * frames;
    this.#top = first + frames;
    while (this.#top > this.meta.length) this.#grow();
    for (let pfn = first - 1; pfn >= skipped; pfn--) this.#release(pfn);
    return first;
  }

  #release(pfn: Pfn): void {
    this.contents[pfn] = this.#free;
    this.#free = pfn;
  }

  /** Frames of a run that is free, for single use. */
  #chain(first: Pfn): void {
    for (let pfn = first + this.#runFrames - 1; pfn >= first; pfn--) this.#release(pfn);
  }

  /** By half while small, by a sixteenth when large: growth may not cost more memory than the frames. */
  #grow(): void {
    const size = this.meta.length;
    const next = size < 1 << 16 ? size * 2 : size + Math.max(1 << 13, size >> 4);
    const meta = new Uint16Array(next);
    meta.set(this.meta);
    this.meta = meta;
    const contents = new Uint32Array(next);
    contents.set(this.contents);
    this.contents = contents;
  }

  /** Every frame number ever handed out, and one more: the bound for a recount. */
  get top(): number {
    return this.#top;
  }

  /** Bytes that the arrays take. */
  get bytes(): number {
    return this.meta.byteLength + this.contents.byteLength;
  }

  get liveKb(): number {
    return (this.live * PAGE_SIZE) / 1024;
  }
}
