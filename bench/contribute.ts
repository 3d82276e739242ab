/**
 * Takes figures of an adapter in: checks the file, puts it into bench/results/adapters/, and renders the table in
 * bench/README.md. Without a file it renders the table alone.
 *
 *   npm run bench:contribute -- FILE.json [--name "Radeon RX 7800 XT"]
 *   npm run bench:contribute -- FILE.json --check
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { adaptersTable, fileOf, withTable } from './adapters.ts'
import { contributed, FOLDER, readFigures } from './contributed.ts'
import { encodeFigures } from './figures.ts'

const DOCUMENT = fileURLToPath(new URL('README.md', import.meta.url))

function take(file: string, { name, check }: { name?: string; check?: true }): void {
  const figures = readFigures(file, name)
  if (check) {
    console.log(`${figures.name}: these figures can be taken`)
    return
  }
  const to = FOLDER + fileOf(figures)
  const text = encodeFigures(figures)
  if (existsSync(to) && readFileSync(to, 'utf8') !== text)
    throw new Error(`${to} is there already, with other figures of the same adapter and day: remove one of the two`)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(to, text)
  console.log(`added ${to}`)
}

const program = new Command('npm run bench:contribute --')
  .description('Adds figures of an adapter to bench/results/adapters/, and renders the table in bench/README.md.')
  .argument('[file]', 'that the page or `npm run bench -- --json` has written')
  .option('--name <name>', 'the adapter, where the file does not tell: browsers hide it')
  .option('--check', 'only check the file')
  .allowExcessArguments(false)
  .parse()
const flags = program.opts<{ name?: string; check?: true }>()
try {
  const [file] = program.args
  if (file !== undefined) take(file, flags)
  else if (flags.check || flags.name !== undefined)
    throw new Error('--check and --name need a file of figures: name it')
  if (!flags.check) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), adaptersTable(contributed())))
} catch (error) {
  console.error(`error: ${(error as Error).message}`)
  process.exitCode = 1
}
