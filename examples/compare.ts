/**
 * Lays several runs over each other: their curves, their final figures, and the settings in which they differ.
 *
 *   npm run compare -- RUN RUN ...
 *   npm run compare -- RUN RUN ... --out FILE
 */
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { runProgram } from '../src/run/program.ts'
import { writeComparison } from '../src/run/report/compare.ts'

const command = new Command('npm run compare --')
  .description('Lays several runs over each other: curves, final figures, and the settings in which they differ.')
  .argument('<run...>', 'folders of two runs or more')
  .option('--out <file>', 'the file to write; compare.html beside the first run, if not given')
  .parse()

await runProgram(async () => {
  const { args } = command
  if (args.length < 2) throw new Error('two runs or more are needed: npm run compare -- RUN RUN ...')
  const { out = join(dirname(resolve(args[0]!)), 'compare.html') } = command.opts<{ out?: string }>()
  await writeComparison(args, out)
  console.log(`comparison: ${out}`)
})
