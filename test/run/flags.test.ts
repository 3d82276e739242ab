/** The flags of `npm run train`. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Flags, parseFlags, trainProgram } from '../../src/run/flags.ts'
import { setVariable } from '../support/variable.ts'

const parse = (line: string): Flags => {
  const program = trainProgram()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return parseFlags(program, ['node', 'train', ...line.split(' ').filter(word => word)])
}
const t = suite('run/flags')

t('without flags: tiny TASN with seed 0, and the rest left to the preset', () => {
  assert.equal(parse(''), { preset: 'tiny', arm: 'tasn', seed: Number(process.env.SEED ?? 0) })
})

t('values become numbers', () => {
  const { epochs, lr, attentionLr, evaluateEvery, heldOut } = parse(
    '--epochs 3 --lr 0.01 --attention-lr 1e-3 --evaluate-every 2 --held-out',
  )
  assert.equal([epochs, lr, attentionLr, evaluateEvery, heldOut], [3, 0.01, 0.001, 2, true])
})

t('wrong values are refused by name', () => {
  for (const [line, message] of [
    ['--epochs 0', /--epochs.*whole number of at least 1/],
    ['--batch 1.5', /--batch.*whole number/],
    ['--classes 1', /at least 2/],
    ['--seed -1', /at least 0/],
    ['--lr 0', /--lr.*between 0 and 100/],
    ['--save-every 0', /--save-every.*Minutes above 0/],
    ['--keep 0', /--keep.*at least 1/],
    ['--preset huge', /--preset.*tiny, mobile, small, paper/],
    ['--arm none', /--arm.*plain-mid/],
    ['--unknown', /unknown option '--unknown'/],
    ['extra', /too many arguments/],
  ] as const)
    assert.throws(() => parse(line), message)
})

t('SEED is the seed where no flag gives one', () => {
  const putBack = setVariable('SEED', '7')
  try {
    assert.is(parse('').seed, 7)
    assert.is(parse('--seed 8').seed, 8)
    assert.is(parse('--resume x').seed, 7) // no flag of the command line, so it is not in the way
  } finally {
    putBack()
  }
})

t('--resume and --repeat take the flags of that run, and say which others are in the way', () => {
  const { epochs, lr, attentionLr, saveEvery, keep } = parse(
    '--resume x --epochs 9 --lr 0.1 --attention-lr 0.2 --save-every 0.5 --keep 3 --data y',
  )
  assert.equal([epochs, lr, attentionLr, saveEvery, keep], [9, 0.1, 0.2, 0.5, 3])
  assert.equal(parse('--repeat x --run y').run, 'y')
  assert.throws(
    () => parse('--resume x --batch 1 --held-out'),
    /--resume takes the flags of that run; besides it only --epochs, --lr, .* can be given, found --batch, --held-out/,
  )
  assert.throws(() => parse('--resume x --run y'), /found --run/)
  assert.throws(() => parse('--resume x --verify'), /--verify stands alone/)
  assert.is(parse('--resume x --no-verify').verify, false)
  assert.throws(() => parse('--best'), /the run that --resume names/)
  assert.throws(() => parse('--repeat x --epochs 2'), /only --run, --data, .* can be given, found --epochs/)
  assert.throws(() => parse('--repeat x --resume y'), /found --repeat/)
})

t('the help says that it trains on more than birds', () => {
  assert.match(trainProgram().helpInformation().replace(/\s+/g, ' '), 'on birds, or what your own photographs show')
})

t.run()
