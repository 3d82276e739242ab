/** The species: code words of seven two-valued marks, in which no single mark decides, and their names. */

/**
 * The marks, each drawn in one of two ways. Coarse ones are visible from afar, fine ones only close up. The coarse ones
 * tell a genus; the two species of a genus differ in all four fine ones.
 */
export const marks = [
  { name: 'bill', fine: true, off: 'short and deep', on: 'long and thin' },
  { name: 'eye', fine: true, off: 'pale brow', on: 'pale ring' },
  { name: 'crown', fine: false, off: 'dark', on: 'red' },
  { name: 'throat', fine: false, off: 'dark', on: 'yellow' },
  { name: 'wing', fine: true, off: 'two narrow bars', on: 'one broad bar' },
  { name: 'breast', fine: false, off: 'pale', on: 'rusty' },
  { name: 'tail', fine: true, off: 'dark tip', on: 'white tip' },
] as const

export type Mark = (typeof marks)[number]['name']
export type Code = Readonly<Record<Mark, boolean>>

/** A species; `folder` is its class name in CUB's style, such as 002.Ring_eyed_Tit. */
export interface Species {
  readonly folder: string
  readonly code: Code
}

/**
 * A basis of the code, bits in the order of `marks`: three rows span 8 words, all four 16. The first row changes fine
 * marks only, so the two species of a genus are neighbours.
 */
const basis = [0b1100101, 0b0010111, 0b1001011, 0b1111111]

/**
 * The code words of 8 species (simplex code: any two differ in exactly 4 marks) or 16 (Hamming code: in at least 3). In
 * both, each mark is on in half of the species. By the coarse marks alone no more than half can be told right.
 */
export function codes(classes: 8 | 16): Code[] {
  return Array.from({ length: classes }, (_, index) => {
    let word = 0
    basis.forEach((row, k) => {
      if ((index >> k) & 1) word ^= row
    })
    return Object.fromEntries(marks.map(({ name }, bit) => [name, ((word >> (6 - bit)) & 1) === 1])) as Code
  })
}

/** Families by their coarse marks: crown + 2 throat + 4 breast. */
const families = ['Tit', 'Redcap', 'Bunting', 'Finch', 'Robin', 'Firecap', 'Siskin', 'Sunbird']

/** The species of a data set, in the order of their labels. */
export function species(classes: 8 | 16): Species[] {
  return codes(classes).map((code, index) => {
    const family = families[Number(code.crown) + 2 * Number(code.throat) + 4 * Number(code.breast)]!
    const name = `${code.eye ? 'Ring_eyed' : 'Browed'}_${family}`
    return { folder: `${String(index + 1).padStart(3, '0')}.${name}`, code }
  })
}
