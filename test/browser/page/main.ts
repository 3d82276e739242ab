/** The page of the tests: a list that fills while a worker runs them. */
import { OF_NODE } from './list.ts'
import type { Order, Outcome, Report } from './messages.ts'

const byId = (id: string): HTMLElement => document.getElementById(id)!
const query = new URLSearchParams(location.search)
const words = query.getAll('only').flatMap(text => text.split(','))
query.delete('only')

const rows = new Map<string, HTMLTableRowElement>()
const outcomes: Outcome[] = []
const verdict = byId('verdict')

function add<K extends keyof HTMLElementTagNameMap>(to: HTMLElement, name: K, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  made.textContent = text
  to.append(made)
  return made
}

function addRow(file: string): void {
  const row = add(byId('results'), 'tr')
  for (const text of [file.replace('.test.ts', ''), '', '', '', '']) add(row, 'td', text)
  rows.set(file, row)
}

function show({ file, passed, failures, seconds }: Outcome): void {
  const row = rows.get(file)!
  const [, p, f, s, message] = row.cells
  p!.textContent = `${passed}`
  f!.textContent = `${failures.length}`
  s!.textContent = seconds.toFixed(1)
  message!.textContent = ''
  for (const text of failures) add(message!, 'pre', text)
  row.classList.toggle('failed', failures.length > 0)
}

const total = (): string => {
  const count = (of: (o: Outcome) => number): number => outcomes.reduce((sum, o) => sum + of(o), 0)
  return `${count(o => o.passed)} passed, ${count(o => o.failures.length)} failed`
}

/** Says how it ended. Whoever drives the page waits for `outcome`. */
function end(text: string, stopped?: string): void {
  verdict.textContent = text
  document.title = `${text} · tasn-webgpu`
  Object.assign(globalThis, { outcome: { outcomes, stopped } })
}

function take(report: Report): void {
  if (report.kind === 'opened') {
    byId('adapter').textContent = `Adapter: ${report.adapter}`
    report.files.forEach(addRow)
  } else if (report.kind === 'began') {
    verdict.textContent = `${total()} so far`
    rows.get(report.file)!.cells[4]!.textContent = 'running …'
  } else if (report.kind === 'ended') {
    outcomes.push(report.outcome)
    show(report.outcome)
  } else if (report.kind === 'done') {
    if (outcomes.length) end(total())
    else end(`no test file's path contains ${words.join(' or ')}`, 'nothing ran')
  } else end(`stopped: ${report.message}`, report.message)
}

for (const [file, reason] of Object.entries(OF_NODE)) {
  const item = add(byId('absent'), 'li')
  add(item, 'code', file)
  item.append(`: ${reason}`)
}
if (navigator.gpu) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<Report>) => take(data)
  worker.onerror = ({ message }) => end(`stopped: ${message}`, message)
  worker.postMessage({ words, env: Object.fromEntries(query) } satisfies Order)
} else end('stopped: this browser has no WebGPU', 'no WebGPU')
