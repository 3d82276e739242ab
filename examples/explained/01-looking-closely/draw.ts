/** The marks over the chapter's image, for its live figure and for its picture: SVG paths in pixels of the image. */
import type { Box, Looked } from './figure_worker.ts'

/** Every second line of the grid by which the sample reads the image. */
export function gridPath({ rows, columns, image }: Looked): string {
  const some = (positions: Float32Array): number[] => [...positions].filter((_, i) => i % 2)
  return [
    ...some(columns).map(p => `M${p + 0.5} 0V${image.height}`),
    ...some(rows).map(p => `M0 ${p + 0.5}H${image.width}`),
  ].join('')
}

const rectangle = ([x, y, width, height]: Box): string => `M${x} ${y}h${width}v${height}h${-width}z`

/** The box of the bird, and the square around its eye. */
export const boxesPath = ({ bird, eye }: Looked): string => rectangle(bird) + rectangle(eye)
