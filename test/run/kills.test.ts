/**
 * Killed anywhere, any number of times, a run ends in the same bytes. KILLS is the number of kills (default 2; 30 in
 * .ci/run): half at a random moment, half at a random call that changes a file.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/engine/random.ts'
import type { Ended } from '../support/child.ts'
import { contentOf, trainer } from '../support/trainer.ts'
import { drawBirds } from '../support/training.ts'

const KILLS = Number(process.env.KILLS ?? 2)
const dir = mkdtempSync(join(tmpdir(), 'tasn-kills-'))
const t = suite('run/kills')
const path = (name: string) => join(dir, name)
const CALLS = fileURLToPath(new URL('../support/kill_at_call.ts', import.meta.url))

/** A run of 3 epochs of 4 steps. */
const begin = (run: string): string[] => [
  '--data',
  path('birds'),
  '--run',
  path(run),
  '--epochs',
  '3',
  '--batch',
  '4',
  '--evaluate-every',
  '2',
]
/** Saves after nearly every step. */
const OFTEN = ['--save-every', '0.0001']
const stillThere = (run: string) => existsSync(join(path(run), 'config.json'))

t.before(() => drawBirds(dir))
t.after(() => {
  rmSync(dir, { recursive: true })
})

let whole: Record<string, unknown>
t('a run that is never stopped', async () => {
  const { code, out } = await trainer(begin('whole'))
  assert.is(code, 0, out)
  whole = contentOf(path('whole'))
  for (const name of ['summary.json', 'answers.json', 'metrics.jsonl', 'model.safetensors', 'attention.safetensors'])
    assert.ok(name in whole, name)
  for (const name of ['pictures/overview.png', 'predictions.csv', 'plan.json', 'report.html'])
    assert.ok(name in whole, name)
  assert.is((whole['metrics.jsonl'] as unknown[]).length, 3 * 5)
})

t(`${KILLS} kills, each followed by --resume, end in the same bytes`, async () => {
  const random = new Random(Date.now() % 1e6)
  let kills = 0
  let missed = 0
  const go = async (run: string): Promise<Ended> => {
    const args = [...(stillThere(run) ? ['--resume', path(run)] : begin(run)), ...OFTEN]
    if (kills >= KILLS) return trainer(args)
    if (random.int(2)) {
      // Somewhere in its life, from the loading of modules to the pictures.
      const after = random.uniform(500, 6000)
      return trainer(args, {
        onStart: child => {
          void sleep(after).then(() => child.kill('SIGKILL'))
        },
      })
    }
    return trainer(args, { preload: CALLS, env: { KILL_AT: `${1 + random.int(random.int(2) ? 30 : 400)}` } })
  }
  for (let round = 0; kills < KILLS; round++) {
    const run = `killed-${round}`
    for (;;) {
      const { code, signal, out } = await go(run)
      if (signal === 'SIGKILL') {
        kills++
        continue
      }
      assert.is(code, 0, `after ${kills} kills: ${out}`)
      missed++
      break
    }
    const content = contentOf(path(run))
    assert.equal(content, whole)
    rmSync(path(run), { recursive: true })
    assert.ok(missed < 10 * KILLS + 10, 'nothing is killed')
  }
  console.log(`  ${kills} kills in ${missed} runs`)
})

t('a run that is killed after its last epoch gets its pictures and its summary by --resume', async () => {
  cpSync(path('whole'), path('end'), { recursive: true })
  for (const name of ['summary.json', 'pictures']) rmSync(join(path('end'), name), { recursive: true })
  const { code, out } = await trainer(['--resume', path('end')])
  assert.is(code, 0, out)
  assert.equal(contentOf(path('end')), whole)
})

t('a run whose report cannot be written ends all the same, with a warning', async () => {
  cpSync(path('whole'), path('no-report'), { recursive: true })
  for (const name of ['summary.json', 'report.html']) rmSync(join(path('no-report'), name))
  mkdirSync(join(path('no-report'), 'report.html', 'in the way'), { recursive: true })
  const { code, out } = await trainer(['--resume', path('no-report')])
  assert.is(code, 0, out)
  assert.match(
    out,
    /^warning: there is no report: cannot write .*report\.html: .*; once that is mended, npm run report /m,
  )
  assert.ok(existsSync(join(path('no-report'), 'summary.json')))
})

t.run()
