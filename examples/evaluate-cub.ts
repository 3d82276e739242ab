/**
 * Tests a trained model again: accuracy of every head with its interval, each class, confusions, calibration.
 *
 *   npm run evaluate -- RUN
 *   npm run evaluate -- MODEL --data DIR
 *   npm run evaluate -- RUN --images DIR
 */
import { open } from '../src/index.ts'
import { runProgram } from '../src/run/program.ts'
import { evaluationOf } from '../src/study/evaluation/evaluation.ts'
import { folderFor, writeFiles } from '../src/study/evaluation/files.ts'
import { type EvaluateFlags, evaluateProgram } from '../src/study/evaluation/flags.ts'
import { testImages } from '../src/study/evaluation/images.ts'
import { readTrained } from '../src/study/evaluation/model.ts'
import { test } from '../src/study/evaluation/testing.ts'
import { evaluationText, modelText } from '../src/study/evaluation/text.ts'

const warn = (text: string): void => console.warn(`warning: ${text}`)

async function main(path: string, flags: EvaluateFlags): Promise<void> {
  const trained = await readTrained(path, flags)
  const images = await testImages(trained, flags, warn)
  const dir = folderFor(trained, flags)
  console.log(modelText(trained, images))
  await open()
  const loaded = trained.load(warn)
  const tested = await test(loaded, trained, images, flags.batch)
  const evaluation = evaluationOf(tested, loaded.heads, trained.classes)
  console.log(`\n${evaluationText(evaluation, trained, images)}\n`)
  const files = await writeFiles(dir, evaluation, tested, trained, images, flags)
  for (const [title, file] of Object.entries(files)) console.log(`${`${title}:`.padEnd(12)} ${file}`)
}

const program = evaluateProgram().parse()
await runProgram(() => main(program.args[0]!, program.opts<EvaluateFlags>()))
