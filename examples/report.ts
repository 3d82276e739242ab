/**
 * Makes the report of a run again from the files in its folder, whether it has ended or not.
 *
 *   npm run report -- RUN
 *   npm run report -- RUN --out FILE
 */
import { Command } from 'commander'
import { runProgram } from '../src/run/program.ts'
import { writeReport } from '../src/run/report/report.ts'

const command = new Command('npm run report --')
  .description('Makes the report of a run again from the files in its folder, whether it has ended or not.')
  .argument('<run>', 'folder of the run')
  .option('--out <file>', 'the file to write; report.html in the folder, if not given')
  .parse()

await runProgram(async () => {
  const { out } = command.opts<{ out?: string }>()
  console.log(`report: ${await writeReport(command.args[0]!, out === undefined ? {} : { file: out })}`)
})
