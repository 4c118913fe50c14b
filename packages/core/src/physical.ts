/** Physical memory: how many frames there are for pages and tables together. */
export class Physical {
  used = 0;
  readonly limit: number;

  /** `frames`: how many there are; Infinity when memory is no matter. */
  constructor(frames: number) {
    this.limit = frames;
  }

  /** Takes frames, all of them or none; false when there are not enough left. */
  take(frames = 1): boolean {
    if (this.used + frames > this.limit) return false;
    this.used += frames;
    return true;
  }

  give(frames = 1): void {
    this.used -= frames;
  }
}
