/** Mistakes that one can make in the chapter's files, each as one change of their text. */

export interface Mistake {
  /** In words, for the reader. */
  readonly words: string
  readonly file: 'shader' | 'op'
  /** The text that is changed, everywhere in the file. */
  readonly from: string
  readonly to: string
}

export const MISTAKES = {
  u: { words: 'the 2 of 2u is forgotten', file: 'shader', from: '1.5957691 * (v + ', to: '0.7978846 * (v + ' },
  chain: { words: 'the 3 of 3x² is forgotten in the slope', file: 'shader', from: '0.134145 * v', to: '0.044715 * v' },
  product: {
    words: 'the slope is not by the product rule',
    file: 'shader',
    from: 'let slope = s + v * s * (1.0 - s) * 1.5957691 * (1.0 + 0.134145 * v * v);',
    to: 'let slope = s;',
  },
  overflow: {
    words: 's is written as a quotient that overflows',
    file: 'shader',
    from: 'let s = 1.0 / (1.0 + exp(-1.5957691 * (v + 0.044715 * v * v * v)));',
    to: 'let e = exp(1.5957691 * (v + 0.044715 * v * v * v)); let s = e / (1.0 + e);',
  },
  rest: { words: 'the last elements are left out', file: 'shader', from: 'return p.n;', to: 'return p.n / 4u * 4u;' },
  syntax: { words: 'a semicolon is missing', file: 'shader', from: 'let v = x[i];', to: 'let v = x[i]' },
  binding: {
    words: 'the names of shader and op differ',
    file: 'op',
    from: 'launch(kernel, { x, y }, ',
    to: 'launch(kernel, { x, out: y }, ',
  },
  unrecorded: { words: 'record() is forgotten', file: 'op', from: 'return record(', to: 'return y\n  record(' },
  dy: { words: 'dy is forgotten', file: 'op', from: 'return [mul(dy, slope)]', to: 'return [slope]' },
  parent: {
    words: 'the slope is taken at y, not at x',
    file: 'op',
    from: 'launch(kernel, { x, y: slope }, ',
    to: 'launch(kernel, { x: y, y: slope }, ',
  },
} as const satisfies Readonly<Record<string, Mistake>>

export type MistakeName = keyof typeof MISTAKES
