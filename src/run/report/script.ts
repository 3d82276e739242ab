/** The script and the style of a page, made once a process. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Html } from './html.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
let made: Promise<{ script: Html; style: Html }> | undefined

/** client/ with uPlot in one script, and style.css behind uPlot's own. No text in them ends the element around them. */
export function assets(): Promise<{ script: Html; style: Html }> {
  made ??= make()
  return made
}

async function make(): Promise<{ script: Html; style: Html }> {
  const { outputFiles } = await build({
    entryPoints: [here('client/main.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
  })
  const uPlot = readFileSync(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), 'utf8')
  return {
    script: new Html(outputFiles[0]!.text.replaceAll('</script', '<\\/script')),
    style: new Html(`${uPlot}\n${readFileSync(here('style.css'), 'utf8')}`),
  }
}
