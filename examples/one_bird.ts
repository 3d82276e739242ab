/** The image of the tour: a drawn bird, as the trained model of the page sees it. */
import { fileURLToPath } from 'node:url'
import { drawBird } from '../src/data/birds/index.ts'
import { Classifier } from '../src/index.ts'
import { readModel } from '../src/node.ts'

const SIZE = 192

/**
 * The model, all that is between the bird and its name, and the share of a square map that lies in the bird's box:
 * `at` has the middles of its rows and columns in pixels of the image, evenly spread unless given.
 */
export async function oneBird() {
  const classifier = new Classifier(
    await readModel(fileURLToPath(new URL('browser/model.safetensors', import.meta.url))),
  )
  const { rgb, box } = drawBird(0, 3300)
  const attended = classifier.attend({ width: SIZE, height: SIZE, data: rgb })
  const seen = await attended.explain()
  attended.destroy()

  const [left, top, width, height] = box
  function onBird(map: ArrayLike<number>, at?: { rows: Float32Array; columns: Float32Array }): number {
    const side = Math.sqrt(map.length)
    const middles = Float32Array.from({ length: side }, (_, i) => ((i + 0.5) * SIZE) / side - 0.5)
    const { rows, columns } = at ?? { rows: middles, columns: middles }
    let [all, inside] = [0, 0]
    for (let i = 0; i < map.length; i++) {
      const [x, y] = [columns[i % side]! + 0.5 - left, rows[Math.floor(i / side)]! + 0.5 - top]
      all += map[i]!
      if (x > 0 && x < width && y > 0 && y < height) inside += map[i]!
    }
    return inside / all
  }
  return { classifier, seen, onBird }
}
