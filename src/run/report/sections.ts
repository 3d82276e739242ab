/** The sections of a report in words and tables: the result, its figures, memory, kernels, and how to go on. */
import { HEADS } from '../../tasn/heads.ts'
import { evaluateCommand, quoted, repeatCommand, reportCommand, resumeCommand } from '../commands.ts'
import type { ProfileRow } from '../measured.ts'
import { duration } from '../progress.ts'
import { HEAD_NAMES, mebibytes, sideText, thousands } from '../text.ts'
import { type Html, html } from './html.ts'
import { details, shareText, table } from './page.ts'
import { fieldOf, numberOf, type RunRecord } from './record.ts'

/** A number out of a file as `show` writes it; empty for anything else. */
export const numberText = (v: unknown, show: (v: number) => string): string =>
  numberOf(v) === undefined ? '' : show(v as number)

/** True for a run with an attention net; a plain classifier has none. */
export const hasAttention = ({ config }: RunRecord): boolean =>
  (fieldOf(config, 'model', 'look') ?? 'attention') === 'attention'

const share = (v: unknown): string => numberText(v, shareText)
const place = (run: RunRecord, ...path: string[]) => numberOf(fieldOf(run, ...path))

/** The images that a run was tested on, in a word: test, or held-out. */
export const sideOf = ({ config }: RunRecord): string => sideText(fieldOf(config, 'flags', 'heldOut'))

/** Epochs that are done, and those that were asked for. */
export function epochsOf(run: RunRecord): { done: number; of: number } {
  const done = Math.max(0, ...run.lines.filter(l => l.kind === 'epoch').map(l => l.epoch))
  return { done: place(run, 'summary', 'epochs') ?? done, of: place(run, 'config', 'training', 'epochs') ?? done }
}

/** The last epoch in which the head that predicts was tested; undefined where there is none. */
const testOf = ({ lines }: RunRecord) => lines.findLast(l => numberOf(l.test_sharedMaster) !== undefined)

/** The last test accuracy of the head that predicts. */
export const accuracyOf = (run: RunRecord): number | undefined =>
  place(run, 'summary', 'final', 'sharedMaster') ?? (testOf(run)?.test_sharedMaster as number | undefined)

/** The result in one sentence, and whether the run is at its end. */
export function resultSentence(run: RunRecord): Html {
  const { done, of } = epochsOf(run)
  const accuracy = accuracyOf(run)
  // The last epoch of a run is tested; one before may not be.
  const epoch = run.summary ? done : (testOf(run)?.epoch ?? done)
  const images = place(run, 'summary', 'testImages') ?? place(run, 'config', 'data', 'fingerprint', 'test')
  const chance = run.classes.length ? ` Guessing alone gets ${shareText(1 / run.classes.length)}.` : ''
  const tested = `${images === undefined ? 'the' : thousands(images)} ${sideOf(run)} images`
  const ended = run.summary ? '' : ` This run is not at its end: ${done} of ${of} epochs are done.`
  const result =
    accuracy === undefined
      ? html`The head that predicts has not been tested yet.`
      : html`After ${epoch} epoch${epoch === 1 ? '' : 's'} the model names <strong>${shareText(accuracy)}</strong>
of ${tested} rightly.`
  return html`<p class="result">${result}${chance}${ended}</p>`
}

/** The figures of a run, each with its name. */
export function tiles(run: RunRecord): Html {
  const s = (...path: string[]) => place(run, 'summary', ...path)
  const found: [name: string, value: string][] = [
    ['classes', run.classes.length ? thousands(run.classes.length) : ''],
    [
      'training images',
      numberText(s('trainImages') ?? place(run, 'config', 'data', 'fingerprint', 'training'), thousands),
    ],
    [
      `best ${sideOf(run)} accuracy`,
      numberText(s('best', 'sharedMaster'), v => `${shareText(v)}, epoch ${s('bestEpoch') ?? '?'}`),
    ],
    ['time of the last process', numberText(s('seconds'), duration)],
    ['images/s, tests included', numberText(s('imagesPerSecond'), v => v.toFixed(1))],
    ['parameters at test time', numberText(s('parametersAtTest'), thousands)],
    ["attention in the bird's box", numberText(s('attention', 'inBox'), shareText)],
    ['the same, evenly spread', numberText(s('attention', 'uniformInBox'), shareText)],
    ['memory of a step', numberText(s('memory', 'planned'), v => `${mebibytes(v)} MiB`)],
  ]
  return html`<dl class="tiles">
${found.map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}
</dl>`
}

/** Accuracy of every head at the end and in the best epoch, and each epoch by itself. */
export function accuracyTables(run: RunRecord): Html {
  const title = `${sideOf(run) === 'test' ? 'Test' : 'Held-out'} accuracy of the heads`
  const heads = HEADS.filter(head => fieldOf(run.summary, 'final', head) !== undefined)
  const best = `in epoch ${place(run, 'summary', 'bestEpoch') ?? '?'}`
  const final = heads.map(head => {
    const of = (when: string) => share(fieldOf(run.summary, when, head))
    return [HEAD_NAMES[head], of('final'), of('best')]
  })
  const epochs = run.lines.filter(l => l.kind === 'epoch')
  const tested = HEADS.filter(head => epochs.some(l => numberOf(l[`test_${head}`]) !== undefined))
  const rows = epochs.map(l => [
    l.epoch,
    numberOf(l.loss)?.toFixed(3) ?? '',
    ...tested.map(head => share(l[`test_${head}`])),
    numberOf(l.imagesPerSecond)?.toFixed(1) ?? '',
  ])
  const titles = tested.map(head => HEAD_NAMES[head])
  return html`${
    heads.length > 0 &&
    html`${table(title, ['head', 'at the end', best], final)}
<p class="hint">shared(master) is the head that predicts. The best epoch was chosen on these very images, so its column
flatters.${
      heads.includes('part') &&
      fieldOf(run.config, 'model', 'maps', 'detail') === 'random' &&
      ` part and shared(part) see one part of each image, picked by the same random numbers at each test; in the paper
they see the sample of the mean map.`
    }</p>`
  }
${
  rows.length > 0 &&
  details('Every epoch in figures', table('Every epoch', ['epoch', 'loss', ...titles, 'images/s'], rows))
}`
}

/** The plan of a training step in figures; a sentence where none is recorded. */
export function memoryFigures({ plan }: RunRecord): Html {
  if (!plan)
    return html`<p>This run has recorded no memory plan: it has not ended, is of an earlier version, or ran with
PLAN=0.</p>`
  const { planned, unplanned, lowerBound } = plan.memory
  const bar = (bytes: number) => html`<meter min="0" max="${unplanned}" value="${bytes}"></meter>`
  const row = (name: string, bytes: number) => [name, `${mebibytes(bytes)} MiB`, bar(bytes)]
  return html`<p>A training step of ${plan.images} images is ${plan.launches.length} launches. Tensors whose lives
do not overlap share bytes. Weights and what the optimiser keeps of them are not in these figures.</p>
${table(
  'Memory of a training step',
  ['', 'memory', ''],
  [
    row('planned', planned),
    row('alive at the worst launch: at least so much', lowerBound),
    row('without sharing', unplanned),
  ],
)}`
}

const KERNEL_HEAD = ['kernel', 'calls', 'ms', 'share', '', 'GFLOP/s', 'GB/s']
/** Kernels that are shown at once. */
const SHOWN = 12

/** Times by kernel; a sentence where none were measured. */
export function kernelTimes(rows: readonly ProfileRow[] | undefined): Html {
  if (!rows?.length)
    return html`<p>This run was not profiled. <code>PROFILE=1 npm run train</code> measures every launch.</p>`
  const total = rows.reduce((sum, r) => sum + (numberOf(r.ms) ?? 0), 0)
  const untimed = rows.reduce((sum, r) => sum + (numberOf(r.untimed) ?? 0), 0)
  const per = (amount: unknown, ms: number) =>
    numberOf(amount) && ms ? ((1000 * (amount as number)) / ms).toFixed(1) : ''
  const cells = rows.map(({ kernel, calls, ms, gflop, gigabytes }) => [
    String(kernel),
    thousands(numberOf(calls) ?? 0),
    (numberOf(ms) ?? 0).toFixed(1),
    total ? shareText(ms / total) : '',
    html`<meter min="0" max="${rows[0]!.ms || 1}" value="${ms}"></meter>`,
    per(gflop, ms),
    per(gigabytes, ms),
  ])
  return html`<p>${
    total
      ? html`${(total / 1000).toFixed(1)} s of GPU time in the process that ended the run: its steps, its tests, its
pictures.`
      : html`The timestamps of this GPU stand still, so there are no times.`
  }${untimed > 0 && html` ${untimed} calls are not in the times: their timestamps make no sense.`}</p>
${table('Times by kernel', KERNEL_HEAD, cells.slice(0, SHOWN))}
${cells.length > SHOWN && details('All other kernels', table('All other kernels', KERNEL_HEAD, cells.slice(SHOWN)))}`
}

/** The commands that go on from here. */
export function nextCommands(run: RunRecord): Html {
  const { done, of } = epochsOf(run)
  const dir = quoted(run.dir)
  const row = (name: string, command: string) => html`<div><dt>${name}</dt><dd><code>${command}</code></dd></div>\n`
  return html`<dl class="commands">
${[
  run.summary && done >= of
    ? row('Train it longer', resumeCommand(run.dir, `--epochs ${2 * of}`))
    : row('Go on with it', resumeCommand(run.dir)),
  row('Test its model again, with intervals and calibration', evaluateCommand(run.dir)),
  row('Run it once more, with the same bits', repeatCommand(run.dir)),
  hasAttention(run) && row('Name the bird in a photo', `npm run predict -- --model ${dir} photo.jpg`),
  row('Make this page again', reportCommand(run.dir)),
  row('Lay another run over it', `npm run compare -- ${dir} OTHER_RUN`),
]}
</dl>`
}
