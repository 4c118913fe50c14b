/** Physical memory: how many frames there are for pages and tables together. */
export class Physical {
  used = 0;
  readonly limit: number;

  /** `frames`: how many there are; Infinity when memory is no matter. */
  constructor(frames: number) {
    this.limit = frames;
  }

  /** Takes one frame; false when there is none left. */
  take(): boolean {
    if (this.used >= this.limit) return false;
    this.used++;
    return true;
  }

  give(): void {
    this.used--;
  }
}
