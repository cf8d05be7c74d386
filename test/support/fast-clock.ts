// A clock on which holds lapse soon: preloaded in a server, with FAST_CLOCK_FROM in its environment, it lets time run
// faster from then on. All processes on a machine that use it have the same time.

const times = 20

/** Milliseconds on a clock that was right at `from`. */
export const fastNow = (from: number, real = Date.now) => from + (real() - from) * times

/** How long something takes that takes so long on the fast clock. */
export const realMs = (fastMs: number) => fastMs / times

const from = Number(process.env['FAST_CLOCK_FROM'])
const real = Date.now.bind(Date)
if (from > 0) {
  globalThis.Date = class extends Date {
    constructor(...args: [] | [number | string | Date]) {
      super(args[0] ?? fastNow(from, real))
    }

    static override now(): number {
      return fastNow(from, real)
    }
  } as DateConstructor
}
