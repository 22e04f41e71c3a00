/** How the time of a function grows with the size of what it is given: a ratio, so that no machine is too slow. */

/** Twice the size may take this many times as long: 2 is linear, 4 is quadratic, and the rest is for noise. */
export const LINEAR = 2.5

const SAMPLES = 4
/** Another process may have taken the processor away: a quadratic function is one in every round. */
const ROUNDS = 12
/** What a sample takes at least, in ms, so that the clock can tell two of them apart. */
const LEAST_MS = 0.3
const REPEATS_MAX = 500
/** A function that takes as long is not called more often than it must be. */
const SLOW_MS = 500

type Prepare = (size: number) => () => unknown

/** `prepare` makes the input of a size, which is not measured, and returns what is. */
export const growth = (size: number, prepare: Prepare): number =>
  atTwoSizes(size, smaller => {
    const [once, twice] = [prepare(smaller), prepare(2 * smaller)]
    const repeats = Math.min(REPEATS_MAX, Math.ceil(LEAST_MS / timed(once)))
    return best(() => [timed(once, repeats), timed(twice, repeats)])
  })

/** The same for a function that remembers what it was given: each call gets an input of its own. */
export const growthAnew = (size: number, prepare: Prepare): number =>
  atTwoSizes(size, smaller => best(() => [timed(prepare(smaller)), timed(prepare(2 * smaller))]))

/** What is quadratic is so at half the size, too. A cache of the processor, or a heap for large texts, is a step. */
function atTwoSizes(size: number, measure: (size: number) => number): number {
  const ratio = measure(size)
  return ratio <= LINEAR ? ratio : Math.min(ratio, measure(size / 2))
}

function best(sample: () => [once: number, twice: number]): number {
  let ratio = Number.POSITIVE_INFINITY
  let [once, twice] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < ROUNDS && ratio > LINEAR; round++) {
    for (let count = 0; count < SAMPLES; count++) {
      const [fast, slow] = sample()
      once = Math.min(once, fast)
      twice = Math.min(twice, slow)
      if (slow > SLOW_MS) return slow / fast
    }
    // Where the clock can't tell that it takes any time, nothing has grown.
    ratio = twice === 0 ? 0 : twice / once
  }
  return ratio
}

/** The time that this process has had the processors, in ms: others that run at the same time do not lengthen it. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function timed(run: () => unknown, repeats = 1): number {
  const start = processorMs()
  for (let count = 0; count < repeats; count++) run()
  return processorMs() - start
}

/** The seed again and again, up to a size, as one flat text: V8 would put off the work of joining the parts. */
export const repeated = (seed: string, size: number): string =>
  JSON.parse(JSON.stringify(seed.repeat(Math.ceil(size / seed.length)).slice(0, size)))
