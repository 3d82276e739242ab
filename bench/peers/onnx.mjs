/** The little of the ONNX format (protocol buffers) that a graph of a few operators needs. */
const varint = n => {
  const bytes = []
  let rest = BigInt.asUintN(64, BigInt(n))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Uint8Array.of(...bytes, Number(rest))
}
const join = parts => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  return out
}
const number = (field, n) => join([varint(field << 3), varint(n)])
const bytes = (field, ...parts) => {
  const body = join(parts)
  return join([varint((field << 3) | 2), varint(body.length), body])
}
const string = (field, s) => bytes(field, new TextEncoder().encode(s))
const FLOAT = 1
const INT = 2
const INTS = 7

const attribute = (name, v) =>
  Array.isArray(v)
    ? bytes(5, string(1, name), ...v.map(n => number(8, n)), number(20, INTS))
    : bytes(5, string(1, name), number(3, v), number(20, INT))
export const node = (op, inputs, output, attributes = {}) =>
  bytes(
    1,
    ...inputs.map(i => string(1, i)),
    string(2, output),
    string(4, op),
    ...Object.entries(attributes).map(([k, v]) => attribute(k, v)),
  )
const value = (field, name, shape) =>
  bytes(
    field,
    string(1, name),
    bytes(2, bytes(1, number(1, FLOAT), bytes(2, ...shape.map(d => bytes(1, number(1, d)))))),
  )
const constant = ([name, shape, d]) =>
  bytes(
    5,
    ...shape.map(n => number(1, n)),
    number(2, FLOAT),
    string(8, name),
    bytes(9, new Uint8Array(d.buffer, d.byteOffset, d.byteLength)),
  )

/** A model: nodes, inputs and outputs as [name, shape], constants as [name, shape, data]. */
export const model = ({ nodes, inputs, outputs, constants = [] }) =>
  join([
    number(1, 8),
    bytes(
      7,
      ...nodes,
      string(2, 'g'),
      ...constants.map(constant),
      ...inputs.map(([n, s]) => value(11, n, s)),
      ...outputs.map(([n, s]) => value(12, n, s)),
    ),
    bytes(8, string(1, ''), number(2, 17)),
  ])
