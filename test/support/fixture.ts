/**
 * Results of PyTorch, read from test/fixtures: what test/fixtures/formula.py wrote, and the same formula for inputs and
 * weights. The files hold results only, computed in float64, with the distance that PyTorch's own float32 keeps from
 * them.
 */
import * as assert from 'uvu/assert'
import { type Shape, sizeOf, type Tensor } from '../../src/engine/tensor.ts'
import { persistent, read, write } from '../../src/engine/transfer.ts'
import { decodeSafetensors } from '../../src/io/safetensors.ts'
import type { Module } from '../../src/nn/module.ts'
import { fixtureBytes } from './fixture_file.ts'

const DIGEST = 256

/** 32 hashed bits for each of `size` numbers called `name`. */
function hash(name: string, size: number): Uint32Array {
  let h = 0x811c9dc5 // FNV-1a
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193)
  // Plain loops, here and below: TypedArray.from() made the tests of ResNets three times as long.
  const hashes = new Uint32Array(size)
  for (let i = 0; i < size; i++) {
    let z = (Math.imul(i, 0x9e3779b1) + h) | 0
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    hashes[i] = z ^ (z >>> 15)
  }
  return hashes
}

/** Numbers between shift - scale and shift + scale that look random: formula() of formula.py, to the last bit. */
export function formula(name: string, shape: Shape, scale = 1, shift = 0): Float32Array<ArrayBuffer> {
  const hashes = hash(name, sizeOf(shape))
  const numbers = new Float32Array(hashes.length)
  for (let i = 0; i < hashes.length; i++) numbers[i] = ((hashes[i]! >>> 8) * 2 ** -23 - 1) * scale + shift
  return numbers
}

/** formula() as a tensor. */
export const formulaTensor = (name: string, shape: Shape, scale = 1, shift = 0): Tensor =>
  persistent(shape, formula(name, shape, scale, shift))

/** Whole numbers below `most`: labels() of formula.py. */
export const wholeNumbers = (name: string, n: number, most: number): Uint32Array<ArrayBuffer> =>
  Uint32Array.from(hash(name, n), z => z % most)

/** wholeNumbers() as a tensor. */
export const formulaLabels = (name: string, n: number, classes: number): Tensor =>
  persistent([n], wholeNumbers(name, n, classes))

/** A parameter or running statistic by its name: weight() of formula.py, which says why these sizes. */
function weight(name: string, shape: Shape, last: string): Float32Array<ArrayBuffer> {
  const numbers = (scale: number, shift = 0) => formula(name, shape, scale, shift)
  const [K = 1, C = 1, R = 1, S = 1] = shape
  const axes = shape.length
  const [isWeight, isBias] = [name.endsWith('weight'), name.endsWith('bias')]
  if (name.endsWith('running_var')) return numbers(0.3, 1)
  if (/^(conv_stem|blocks|features)\./.test(name) && axes !== 2) {
    if (axes === 4) return numbers(Math.sqrt(3 / (11 * C * R * S)))
    return isWeight ? numbers(0.3, 1.5) : numbers(0.6, isBias ? 3 : 0)
  }
  if (axes === 4) return numbers(Math.sqrt(6 / (K * R * S)))
  if (axes === 2) return numbers(C ** -0.5)
  if (axes === 1 && /^(layer\d\..*)?(bn\d|downsample\.1)\./.test(name)) {
    if (isWeight) return numbers(0.05, 0.25)
    return numbers(0.1, isBias && name !== 'bn1.bias' && !name.includes(last) ? 0.5 : 0)
  }
  if (name.endsWith('bn3.weight')) return numbers(0.1, 0.25)
  return numbers(0.1, isWeight ? 1 : 0)
}

/** Gives every tensor of a module its weight(). */
export function fill(module: Module, prefix = ''): void {
  // The last batch norm of a block.
  const last = [...module.state().keys()].some(name => name.endsWith('bn3.weight')) ? 'bn3' : 'bn2'
  for (const [path, t] of module.state()) write(t, weight(prefix + path, t.shape, last))
}

/** The numbers themselves if they are few, otherwise their count sketch: see formula.py. */
function digest(v: ArrayLike<number>): Float64Array {
  if (v.length <= DIGEST) return Float64Array.from(v)
  const z = hash('digest', v.length)
  const sums = new Float64Array(DIGEST)
  for (let i = 0; i < v.length; i++) sums[(z[i]! >>> 1) % DIGEST]! += z[i]! & 1 ? v[i]! : -v[i]!
  return sums
}

const norm = (v: ArrayLike<number>): number => {
  let s = 0
  for (let i = 0; i < v.length; i++) s += v[i]! ** 2
  return Math.sqrt(s)
}

/**
 * One family of results. same() collects; done() prints the largest error, asserts that no result of the file was left
 * unlooked at, and that there was any.
 */
export class Fixture {
  readonly #name: string
  readonly #want: ReadonlyMap<string, { readonly data: Float32Array }>
  readonly #shapes: Record<string, number[]>
  readonly #float32: Record<string, number>
  readonly #seen = new Set<string>()
  #worst = { error: -1, name: '', torch: 0 }

  private constructor(
    name: string,
    want: ReadonlyMap<string, { readonly data: Float32Array }>,
    metadata: Record<string, string>,
  ) {
    this.#name = name
    this.#want = want
    this.#shapes = JSON.parse(metadata.shapes!) as Record<string, number[]>
    this.#float32 = JSON.parse(metadata.float32!) as Record<string, number>
  }

  static async open(name: string): Promise<Fixture> {
    const { tensors, metadata } = decodeSafetensors(await fixtureBytes(`${name}.safetensors`), name)
    return new Fixture(name, tensors, metadata)
  }

  /** The result that was furthest off so far. */
  get worst(): { error: number; name: string } {
    return this.#worst
  }
  get names(): string[] {
    return Object.keys(this.#shapes)
  }
  has(name: string): boolean {
    return name in this.#shapes
  }
  /** A result that is not compared but used: a choice that was made when the file was. */
  valueOf(name: string): Float32Array {
    this.#seen.add(name)
    return this.#want.get(name)!.data
  }
  /** How far PyTorch's float32 is from its float64 there. */
  float32(name: string): number {
    return this.#float32[name]!
  }
  shapeOf(name: string): number[] {
    return this.#shapes[name]!
  }

  /**
   * Asserts that `got` is the result called `name`: of its shape, and |got - want| <= tolerance |want| in the Euclidean
   * norm. The tolerance is `floor`, or `times` what PyTorch's own float32 is off, whichever is larger: the sums run in
   * another order here, but are no longer. `length`: a tolerance of its own for the norms of the two, where noise turns
   * the tensor but hardly makes it longer.
   */
  async same(
    name: string,
    got: Tensor | { shape: Shape; data: ArrayLike<number> },
    { floor = 2e-6, times = 4, length }: { floor?: number; times?: number; length?: number } = {},
  ): Promise<number> {
    const want = this.#want.get(name)?.data
    assert.ok(want, `${this.#name}.safetensors has no ${name}`)
    assert.equal([...got.shape], this.#shapes[name], `${name}: shape`)
    const data = 'data' in got ? got.data : await read(got)
    const torch = this.#float32[name]!
    const got256 = digest(data)
    const error = norm(got256.map((v, i) => v - want[i]!)) / Math.max(norm(want), 1e-30)
    const allowed = Math.max(floor, times * torch)
    assert.ok(
      error <= allowed,
      `${name}: relative error ${error.toExponential(1)} is over ${allowed.toExponential(1)} (PyTorch's float32: ` +
        `${torch.toExponential(1)})`,
    )
    const long = this.#want.get(`${name}#norm`)?.data[0] ?? norm(want)
    const off = Math.abs(norm(data) - long) / Math.max(long, 1e-30)
    const most = length ?? allowed
    assert.ok(off <= most, `${name}: the norm is off by ${off.toExponential(1)}, more than ${most.toExponential(1)}`)
    this.#seen.add(name)
    if (error > this.#worst.error) this.#worst = { error, name, torch }
    return error
  }

  done(): void {
    const { error, name, torch } = this.#worst
    assert.ok(error >= 0, `${this.#name}: nothing was compared`)
    assert.equal(
      this.names.filter(n => !this.#seen.has(n)),
      [],
      `${this.#name}: results that no test looked at`,
    )
    console.log(
      `  ${this.#name}: ${this.#seen.size} results equal PyTorch's; largest relative error ` +
        `${error.toExponential(1)} (${name}; PyTorch's own float32 ${torch.toExponential(1)})`,
    )
  }
}
