/** The book's chapters in their order, and which of them are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the book, and the root of the repository; both end in a slash. */
export const BOOK = fileURLToPath(new URL('..', import.meta.url))
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Chapter {
  /** Its folder, which is also its place on the site. */
  readonly id: string
  readonly title: string
  /** The question that it answers, for the table of contents. */
  readonly question: string
}

/** A chapter is there as soon as its folder holds a chapter.md. */
export const CHAPTERS: readonly Chapter[] = [
  {
    id: '01-looking-closely',
    title: 'Why looking closely pays',
    question: 'Can the same number of pixels tell more?',
  },
  {
    id: '02-features-and-maps',
    title: 'Features are scattered, maps are not',
    question: 'What does the trilinear product do?',
  },
  {
    id: '03-magnifying-glass',
    title: 'A map becomes a magnifying glass',
    question: 'How does a map decide where an image is read?',
  },
  {
    id: '04-gradients',
    title: 'Where gradients stop and where they pass',
    question: 'How does a gradient pass the picking of pixels?',
  },
  {
    id: '05-parts',
    title: 'Hundreds of parts for the price of one',
    question: 'Why is one random channel enough?',
  },
  {
    id: '06-teaching',
    title: 'Teaching the master',
    question: 'What does the temperature do?',
  },
  {
    id: '07-autograd',
    title: 'Autograd in 80 lines',
    question: 'How does a tape become gradients?',
  },
  {
    id: '08-a-kernel-five-times',
    title: 'A kernel, five times',
    question: 'What makes one convolution faster than another?',
  },
  {
    id: '09-a-step-written-down',
    title: 'A step written down once',
    question: 'What is gained by recording a training step?',
  },
  {
    id: '10-your-own-op',
    title: 'Your own op',
    question: 'What does it take to add an op?',
  },
]

/**
 * The equations of section 3 of the paper, and the chapter that has each, exactly once: `<!-- equation: NAME -->`
 * stands before it.
 */
export const EQUATIONS: Readonly<Record<string, string>> = {
  'trilinear product': '02-features-and-maps',
  'trilinear attention': '02-features-and-maps',
  integrals: '03-magnifying-glass',
  sampling: '03-magnifying-glass',
  views: '05-parts',
  'soft targets': '06-teaching',
  'distillation loss': '06-teaching',
  'loss of the master': '06-teaching',
}

/** The headings of a chapter, in this order; true: every chapter has it. */
export const HEADINGS: Readonly<Record<string, boolean>> = {
  'The question': true,
  'The idea': true,
  'The equation': false,
  'The figure': true,
  'The code': true,
  'The shader': false,
  'The test': true,
  'Paper and codes': false,
}

export const isThere = ({ id }: Chapter): boolean => existsSync(`${BOOK}${id}/chapter.md`)

/** A chapter is live if it has figures that compute in the page. */
export const isLive = ({ id }: Chapter): boolean => existsSync(`${BOOK}${id}/figure.ts`)

/** The chapters that are there. @throws naming a folder with a chapter.md that is not in the list. */
export function chapters(): Chapter[] {
  const ids = CHAPTERS.map(({ id }) => id)
  for (const { name } of readdirSync(BOOK, { withFileTypes: true }).filter(entry => entry.isDirectory()))
    if (existsSync(`${BOOK}${name}/chapter.md`) && !ids.includes(name))
      throw new Error(`${name}/chapter.md belongs to no chapter: add it to CHAPTERS in frame/book.ts`)
  return CHAPTERS.filter(isThere)
}

/** The text of a chapter. */
export const textOf = ({ id }: Chapter): string => readFileSync(`${BOOK}${id}/chapter.md`, 'utf8')

const START = '<!-- contents -->\n'
const END = '<!-- end of contents -->'

/** README.md with the table of contents of what is there. @throws where its two marks are missing. */
export function withContents(readme: string): string {
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`README.md of the book needs the lines ${START.trim()} and ${END}`)
  const lines = CHAPTERS.map((chapter, i) => {
    const title = isThere(chapter) ? `[${chapter.title}](${chapter.id}/chapter.md)` : chapter.title
    return `${i + 1}. ${title}. ${chapter.question}\n`
  })
  return `${readme.slice(0, from + START.length)}\n${lines.join('')}\n${readme.slice(to)}`
}
