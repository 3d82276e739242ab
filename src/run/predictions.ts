/**
 * predictions.csv: the answer to every test image. A line has the image's id in the data set, the index of its class in
 * `classes` of config.json, that of the class that was named (-1 for none), and the probabilities of the two.
 */
import type { Tested } from '../train/evaluate.ts'

export const PREDICTIONS_FILE = 'predictions.csv'
const HEAD = 'image,label,answer,confidence,labelConfidence'

/** A line of the file. */
export type Prediction = Omit<Tested['answers'][number], 'right'>

export const predictionsText = ({ answers }: Pick<Tested, 'answers'>): string =>
  [HEAD, ...answers.map(a => [a.id, a.label, a.answer, a.confidence, a.labelConfidence].join(',')), ''].join('\n')

/** Reads the file's text. @throws with the number of a line that no run writes. @param classes how many there are. */
export function readPredictions(text: string, classes: number): Prediction[] {
  const [head, ...lines] = text.trimEnd().split('\n')
  if (head !== HEAD) throw new Error(`line 1 is not ${HEAD}`)
  return lines.map((line, i) => {
    const numbers = line.split(',').map(cell => (cell === '' ? Number.NaN : Number(cell)))
    const [id, label, answer, confidence, labelConfidence] = numbers as [number, number, number, number, number]
    const isClass = (k: number) => Number.isInteger(k) && k < classes
    const isShare = (v: number) => v >= 0 && v <= 1
    const sound = isClass(label) && label >= 0 && isClass(answer) && answer >= -1 && Number.isInteger(id)
    if (numbers.length !== 5 || !sound || !isShare(confidence) || !isShare(labelConfidence))
      throw new Error(`line ${i + 2} is no answer to an image`)
    return { id, label, answer, confidence, labelConfidence }
  })
}
