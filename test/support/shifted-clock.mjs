// Preloaded (`--import`) into a process whose wall clock is to be wrong by CLOCK_SHIFT_MS. The monotonic clock stays as it is.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const RightDate = globalThis.Date;

globalThis.Date = class Date extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + shiftMs);
    else super(...given);
  }

  static now() {
    return RightDate.now() + shiftMs;
  }
};
