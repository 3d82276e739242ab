/** The figures of the chapter: the whole step, a pixel of the sample, and a cell of the map. */
import type { Figures } from '../page/figures.ts'
import { mapFigure } from './map_figure.ts'
import { pixelFigure } from './pixel_figure.ts'
import { stepFigure } from './step_figure.ts'

export const figures: Figures = { step: stepFigure, pixel: pixelFigure, map: mapFigure }
