/** The figure of the ablation: the test accuracy of every run, and each arm's mean. */
import { ARMS } from '../train/arms.ts'
import { chart } from './chart.ts'
import { accuraciesOf, type Result } from './runs.ts'

/** Draws it into a .png or .svg file. @param name of the data. */
export async function drawFigure(results: readonly Result[], name: string, file: string): Promise<void> {
  const { testImages } = results[0]!.runs[0]!.summary
  const seeds = results[0]!.runs.length
  const subtitle = `${name}, ${testImages} test images, ${seeds} seed${seeds > 1 ? 's' : ''}: each run, and their mean`
  const titles = results.map(r => ARMS[r.arm].title)
  await chart(
    {
      title: { text: 'Test accuracy', subtitle: [subtitle] },
      width: 520,
      height: 34 * results.length,
      data: { values: results.flatMap(r => accuraciesOf(r).map(a => ({ arm: ARMS[r.arm].title, accuracy: 100 * a }))) },
      encoding: { y: { field: 'arm', type: 'nominal', sort: titles, title: null, axis: { labelLimit: 0 } } },
      layer: [
        {
          mark: { type: 'bar', opacity: 0.3, height: 18 },
          encoding: {
            x: {
              aggregate: 'mean',
              field: 'accuracy',
              type: 'quantitative',
              title: 'test accuracy, %',
              scale: { domain: [0, 100] },
            },
          },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x: { field: 'accuracy', type: 'quantitative' } },
        },
      ],
    },
    file,
  )
}
