/** Module: names, loading, and the training flag. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Zeros } from '../../src/engine/random.ts'
import { read } from '../../src/engine/transfer.ts'
import { Linear } from '../../src/nn/layers.ts'
import { Module } from '../../src/nn/module.ts'

class Pair extends Module {
  readonly first: Linear
  readonly list: Linear[]
  readonly name = 'not a tensor'
  readonly none = undefined

  constructor() {
    super()
    this.first = new Linear(new Zeros(), 2, 3)
    this.list = [new Linear(new Zeros(), 3, 1), new Linear(new Zeros(), 1, 1)]
  }
}
const all = (m: Module, value: number) =>
  new Map([...m.state()].map(([name, w]) => [name, { shape: w.shape, data: new Float32Array(w.size).fill(value) }]))

const t = suite('nn/module')

t('names are paths of fields; train() reaches everything', () => {
  const m = new Pair()
  assert.equal(
    [...m.state().keys()],
    ['first.weight', 'first.bias', 'list.0.weight', 'list.0.bias', 'list.1.weight', 'list.1.bias'],
  )
  assert.is(m.train(false), m)
  assert.equal([m.training, m.first.training, m.list[1]!.training], [false, false, false])
  m.train()
  assert.equal([m.training, m.first.training, m.list[1]!.training], [true, true, true])
})

t('load() copies by name', async () => {
  const m = new Pair()
  assert.equal(m.load(all(m, 2)), { missing: [], unexpected: [] })
  for (const w of m.state().values()) assert.ok((await read(w)).every(v => v === 2))
})

t('load() reports all that does not fit in one error, and changes nothing', async () => {
  const m = new Pair()
  const values = all(m, 5)
  values.delete('first.bias')
  values.set('extra.weight', { shape: [1], data: new Float32Array(1) })
  values.set('list.0.weight', { shape: [3, 1], data: new Float32Array(3) })
  let message = ''
  try {
    m.load(values)
  } catch (e) {
    message = (e as Error).message
  }
  assert.match(message, /1 missing: first\.bias/)
  assert.match(message, /1 unexpected: extra\.weight/)
  assert.match(message, /1 of another shape: list\.0\.weight is \[3,1\], the model has \[1,3\]/)
  assert.throws(() => m.load(values, { partial: true }), /of another shape/)
  for (const w of m.state().values()) assert.ok((await read(w)).every(v => v === 0))
  values.delete('list.0.weight')
  assert.equal(m.load(values, { partial: true }), {
    missing: ['first.bias', 'list.0.weight'],
    unexpected: ['extra.weight'],
  })
  assert.ok((await read(m.first.weight)).every(v => v === 5))
  assert.ok((await read(m.first.bias)).every(v => v === 0))
})

t('load() changes nothing either when the data is of another length than its shape', async () => {
  const m = new Pair()
  const values = all(m, 5)
  values.set('list.1.bias', { shape: [1], data: new Float32Array(2) })
  assert.throws(() => m.load(values), /list\.1\.bias/)
  assert.ok((await read(m.first.weight)).every(v => v === 0))
})

t.run()
