/** A moment by which an answer is due, shared by all the steps that lead to it. */
export class Deadline {
  private constructor(private readonly at: number) {}

  static in(milliseconds: number): Deadline {
    return new Deadline(performance.now() + milliseconds);
  }

  /** Milliseconds that are left; 0 when it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  /** The earlier of this deadline and one `milliseconds` from now. */
  atMost(milliseconds: number): Deadline {
    return new Deadline(Math.min(this.at, performance.now() + milliseconds));
  }

  /**
   * What `work` gives, or `undefined` when the deadline passes first. The work itself goes on; what becomes of it then is
   * its own affair, its failure included.
   */
  async race<Result>(work: Promise<Result>): Promise<Result | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.remainingMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      work.catch(() => undefined);
    }
  }
}
