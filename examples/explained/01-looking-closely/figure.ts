/** The figure of the chapter: the same number of pixels, spent evenly and by attention. */
import { element } from '../../browser/dom.ts'
import { readable } from '../../browser/names.ts'
import { drawPhoto } from '../../browser/pixels.ts'
import { redrawn, slider } from '../page/controls.ts'
import type { Figures, Live } from '../page/figures.ts'
import { stage } from '../page/stage.ts'
import { boxesPath, gridPath } from './draw.ts'
import type { Looked, Options, Spent } from './figure_worker.ts'

const told = ({ bird, eye }: Spent, size: number): string =>
  `${bird} of ${size * size} pixels in the bird's box, ${eye} around its eye.`

async function closely(root: HTMLElement, live: Live): Promise<void> {
  const image = stage('The image', 'The image, and the grid by which the sample reads it')
  const shrunk = stage('Shrunk evenly', 'The image, shrunk evenly')
  const sample = stage('Sampled by attention', 'The image, sampled by attention')
  const answer = element('p', { 'aria-live': 'polite' })
  const update = redrawn(root, async () => {
    const options = read()
    const got = await live.call<Looked>('look', options)
    drawPhoto(image.canvas, got.image)
    drawPhoto(shrunk.canvas, got.shrunk)
    drawPhoto(sample.canvas, got.sample)
    const { width, height } = got.image
    image.mark(
      `<path class="grid-lines" d="${gridPath(got)}"/><path class="crosshair" d="${boxesPath(got)}"/>`,
      width,
      height,
    )
    image.caption.textContent = `${width} × ${height} pixels. White: the bird's box, and a square around its eye.`
    shrunk.caption.textContent = told(got.spentShrunk, options.size)
    sample.caption.textContent = told(got.spentSample, options.size)
    const names = got.guesses.map(({ name, probability }) => `${readable(name)} ${(100 * probability).toFixed(1)} %`)
    answer.textContent = `The classifier sees only the sample, and says: ${names.join(', ')}. Drawn was: ${readable(
      got.truth,
    )}.`
    const { spentShrunk, spentSample, guesses, truth, rows, columns } = got
    live.show({ options, spentShrunk, spentSample, guesses, truth, rows: [...rows], columns: [...columns] })
  })
  const change = (): void => void update()
  const bird = slider({ label: 'Test bird', min: 0, max: 511, step: 1, value: 28 }, change)
  const size = slider(
    { label: 'Size of both', min: 16, max: 96, step: 4, value: 32, words: v => `${v} × ${v} pixels` },
    change,
  )
  const gamma = slider(
    { label: 'How closely it looks, γ', min: 0.25, max: 5, step: 0.25, value: 2, words: v => v.toFixed(2) },
    change,
  )
  const read = (): Options => ({ bird: bird.value, size: size.value, gamma: gamma.value })
  root.append(
    element('div', { className: 'controls' }, bird.root, size.root, gamma.root),
    element('div', { className: 'three' }, image.root, shrunk.root, sample.root),
    answer,
  )
  await update()
}

export const figures: Figures = { closely }
