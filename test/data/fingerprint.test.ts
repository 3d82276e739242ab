/** The fingerprint of a data set: the same wherever it lies, and other data in words. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Dataset, Sample } from '../../src/data/dataset.ts'
import { type Fingerprint, fingerprintDifferences, fingerprintOf } from '../../src/data/fingerprint.ts'

const t = suite('data/fingerprint')

/** 3 classes with 6 images for training and 4 for testing each. */
function birds(dir = '/data/birds'): Dataset {
  const sample = (id: number): Sample => {
    const label = Math.floor((id - 1) / 10)
    return { id, label, file: `${dir}/images/${label}.Kind/${id}.jpg` }
  }
  const all = Array.from({ length: 30 }, (_, k) => sample(k + 1))
  const classes = ['Crow', 'Raven', 'Jay'].map((name, k) => ({ id: k + 1, name }))
  return { dir, classes, train: all.filter(s => s.id % 10 < 6), test: all.filter(s => s.id % 10 >= 6), warnings: [] }
}
const kept = fingerprintOf(birds())
/** The differences from the whole data set, after a detour through a file. */
function differences(change: (dataset: Dataset) => void): string[] {
  const dataset = birds()
  change(dataset)
  return fingerprintDifferences(JSON.parse(JSON.stringify(kept)) as Fingerprint, fingerprintOf(dataset))
}

t('the same data in another folder: no difference; in another order, other batches', () => {
  assert.equal(fingerprintOf(birds('/elsewhere/it')), kept)
  assert.equal(
    differences(d => d.train.reverse()),
    ['the ids of the images differ, and with them their order'],
  )
  const text = JSON.stringify(kept)
  assert.not.match(text, /data|Crow|jpg/)
  assert.ok(text.length < 330, text)
})

t('each difference in words', () => {
  const cases: [change: (d: Dataset) => unknown, words: string[]][] = [
    [
      d => d.train.splice(0, 3),
      ['3 of 18 training images are gone', 'the list of images differs, in 1 class: number 1 of 3'],
    ],
    [
      d => d.test.splice(3, 2),
      ['2 of 12 test images are gone', 'the list of images differs, in 2 classes: number 1; number 2 of 3'],
    ],
    [
      d => d.test.push({ id: 99, label: 2, file: '/data/birds/images/2.Kind/99.jpg' }),
      ['13 test images instead of 12', 'the list of images differs, in 1 class: number 3 of 3'],
    ],
    [d => (d.classes[1]!.name = 'Rook'), ['the names of the classes differ, or their order']],
    [d => d.classes.reverse(), ['the names of the classes differ, or their order']],
    [
      d => {
        for (const s of [...d.train, ...d.test]) s.label = (s.label + 1) % 3
      },
      ['the labels differ: the same images are of other classes'],
    ],
    [
      d => {
        const [a, b] = [d.train[0]!, d.test[0]!]
        d.train[0] = b
        d.test[0] = a
      },
      ['the split differs: other images are for training and for testing'],
    ],
    [
      d => (d.train[0]!.file = '/data/birds/images/0.Kind/other.jpg'),
      ['the list of images differs, in 1 class: number 1 of 3'],
    ],
  ]
  for (const [change, words] of cases)
    assert.equal(
      differences(d => void change(d)),
      words,
    )
  const fewer = birds()
  fewer.classes.pop()
  fewer.train = fewer.train.filter(s => s.label < 2)
  fewer.test = fewer.test.filter(s => s.label < 2)
  assert.equal(fingerprintDifferences(kept, fingerprintOf(fewer)), [
    '2 classes instead of 3',
    '6 of 18 training images are gone',
    '4 of 12 test images are gone',
    'the list of images differs',
  ])
})

t.run()
