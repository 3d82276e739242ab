/** One seeded generator for everything random on the host: initial weights, augmentation, picks, pictures. */

/** Deterministic from its seed on every platform (sfc32 seeded by splitmix32: 32-bit integer arithmetic only). */
export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /**
   * Streams of one seed are independent: give each purpose its own, so that using one does not move another.
   * @param seed a whole number from 0 to 2^53 - 1. Different seeds are different streams: of one that is over 32 bits,
   *   all bits count.
   * @throws where the seed is none, or the stream is not a whole number from 0 to 2^32 - 1.
   */
  constructor(seed: number, stream = 0) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new Error(`Random: a seed is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, found ${seed}`)
    if (!Number.isInteger(stream) || stream < 0 || stream >= 2 ** 32)
      throw new Error(`Random: a stream is a whole number from 0 to ${2 ** 32 - 1}, found ${stream}`)
    let state = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((stream | 0) + 1, 0x85ebca6b)
    const splitmix = (): number => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) >>> 0
    }
    this.#a = splitmix()
    // The low 32 bits of a seed are in `a`, and the rest, times an odd number, moves `b`: no two seeds share a state.
    this.#b = splitmix() ^ Math.imul(Math.floor(seed / 2 ** 32), 0xc2b2ae35)
    this.#c = splitmix()
    this.#d = 1
    for (let i = 0; i < 12; i++) this.next()
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0
    return (t >>> 0) / 4294967296
  }

  uniform(from: number, to: number): number {
    return from + (to - from) * this.next()
  }

  /** A whole number from 0 to n - 1. */
  int(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** Gaussian with mean 0 and standard deviation 1 (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }

  /** Shuffles in place (Fisher-Yates) and returns the array. */
  shuffle<T>(array: T[]): T[] {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const held = array[i]!
      array[i] = array[j]!
      array[j] = held
    }
    return array
  }
}

/** Draws zeros, at once: for weights that are about to be loaded. */
export class Zeros extends Random {
  constructor() {
    super(0)
  }
  override next(): number {
    return 0
  }
  override uniform(): number {
    return 0
  }
  override normal(): number {
    return 0
  }
}
