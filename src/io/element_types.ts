/** The element types of .safetensors files, and their conversion to float32. */

/** Bytes of an element, by type. Every type becomes float32: F64, I32 and I64 are rounded to the nearest. */
export const ELEMENT_BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const
export type ElementType = keyof typeof ELEMENT_BYTES

/** Bits of an element, for all types that the format had in 2025. Those without a conversion can still be skipped. */
const ELEMENT_BITS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(ELEMENT_BYTES).map(([type, bytes]): [string, number] => [type, 8 * bytes]),
  ...Object.entries({ I8: 8, I16: 16, U16: 16, U32: 32, U64: 64, C64: 64 }),
  ...Object.entries({ F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F6_E2M3: 6, F6_E3M2: 6, F4: 4 }),
])

/** Bytes of so many elements; undefined for a type that nobody here has heard of. */
export function bytesOf(type: string, elements: number): number | undefined {
  const bits = ELEMENT_BITS.get(type)
  return bits === undefined ? undefined : (bits * elements) / 8
}

export const isReadable = (type: string): type is ElementType => Object.hasOwn(ELEMENT_BYTES, type)

/** Converts whole elements to float32, from `at` on in `out`. */
export function convert(type: ElementType, bytes: Uint8Array<ArrayBuffer>, out: Float32Array, at: number): void {
  if (type === 'F32') {
    new Uint8Array(out.buffer, out.byteOffset + 4 * at, bytes.length).set(bytes)
    return
  }
  // A typed array can only begin at a multiple of its element's size.
  const { buffer, byteOffset } = bytes.byteOffset % 8 ? bytes.slice() : bytes
  const n = bytes.length / ELEMENT_BYTES[type]
  if (type === 'F64') out.set(new Float64Array(buffer, byteOffset, n), at)
  else if (type === 'I32') out.set(new Int32Array(buffer, byteOffset, n), at)
  else if (type === 'U8') out.set(bytes, at)
  else if (type === 'BOOL') for (let i = 0; i < n; i++) out[at + i] = bytes[i] ? 1 : 0
  else if (type === 'BF16') {
    // A bfloat16 is the upper half of a float32.
    const bits = new Uint32Array(out.buffer, out.byteOffset + 4 * at, n)
    const upper = new Uint16Array(buffer, byteOffset, n)
    for (let i = 0; i < n; i++) bits[i] = upper[i]! << 16
  } else if (type === 'F16') {
    const bits = new Uint16Array(buffer, byteOffset, n)
    const value = halfTable()
    for (let i = 0; i < n; i++) out[at + i] = value[bits[i]!]!
  } else {
    const low = new Uint32Array(buffer, byteOffset, 2 * n)
    const high = new Int32Array(buffer, byteOffset, 2 * n)
    for (let i = 0; i < n; i++) out[at + i] = high[2 * i + 1]! * 2 ** 32 + low[2 * i]!
  }
}

let halves: Float32Array | undefined

/** The values of all 65,536 half-precision numbers, computed once. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => half(bits))
  return halves
}

/** The value of an IEEE 754 half-precision number: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  if (exponent === 0) return (sign * 2 ** -14 * fraction) / 1024
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}
