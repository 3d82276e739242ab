/** Behind the panel Look: its formula, and the kernels that ran, with their shaders, arithmetic and times. */
import type { ExplainOptions } from '../../src/index.ts'
import { alarm, element, messageOf } from './dom.ts'
import type { Ran, Trace } from './look_worker.ts'
import type { Engine } from './panel.ts'

const FORMULA = `X = attention net (image)                            features (C, h, w)
M = softmax(softmax(X) Xᵀ) X                         one attention map a channel
A = mean of the live channels of M, enlarged, to γ   the structure map
marginals:  a_y = max over x of A,  a_x = max over y of A
densities:  d = a / sum(a), clamped to the cap, what is cut off given back
integral:   F(k) = d_1 + … + d_k
positions:  F⁻¹((o + ½) / O),  o = 0 … O - 1          equal steps of the integral
sample[i, j] = image at (F_y⁻¹(i), F_x⁻¹(j)), bilinear
answer = softmax(ResNet(sample))`

/** @param options of the pictures as they are shown now. */
export function makeBehind(engine: Engine, options: () => ExplainOptions): HTMLElement {
  const result = element('div', { className: 'stack', 'aria-live': 'polite' })
  const again = element('button', { type: 'button' }, 'Measure again')
  const measure = async (): Promise<void> => {
    again.disabled = true
    try {
      result.replaceChildren(...tables(await engine.call<Trace>('look', 'trace', options())))
    } catch (error) {
      result.replaceChildren(alarm(messageOf(error)))
    }
    again.disabled = false
  }
  again.onclick = () => void measure()
  const details = element(
    'details',
    { className: 'card behind' },
    element('summary', {}, 'Behind it: formula, shaders, launches, time'),
    element('pre', { tabIndex: 0 }, FORMULA),
    element('div', { className: 'row', style: 'margin: 12px 0' }, again),
    result,
  )
  details.ontoggle = () => {
    if (details.open && !result.childElementCount) void measure()
  }
  return details
}

/** The shaders of the page come without their indentation: it is made anew from the braces. */
function indented(wgsl: string): string {
  let depth = 0
  return wgsl
    .split('\n')
    .map(line => {
      const text = line.trim()
      const closing = /^[})\]]/.test(text) ? 1 : 0
      const result = '  '.repeat(Math.max(0, depth - closing)) + text
      depth += (text.match(/[{]/g)?.length ?? 0) - (text.match(/[}]/g)?.length ?? 0)
      return result
    })
    .join('\n')
}

function tables({ kernels, ms }: Trace): HTMLElement[] {
  const launches = kernels.reduce((n, k) => n + k.launches, 0)
  const flop = kernels.reduce((n, k) => n + k.flop, 0)
  const timed = kernels.some(k => k.ms > 0)
  const rate = (f: number, time: number): string => (f && time ? (f / time / 1e6).toFixed(1) : '')
  const code = element('pre', { tabIndex: 0, 'aria-label': 'Shader', hidden: true })
  const shown = element('p', { className: 'quiet', hidden: true })
  const row = (k: Ran): HTMLElement => {
    const button = element('button', { type: 'button', className: 'link' }, k.label)
    button.onclick = () => {
      code.textContent = indented(k.wgsl)
      shown.textContent = `${k.label}, as it was compiled:`
      code.hidden = false
      shown.hidden = false
    }
    const cells = [`${k.launches}`, (k.flop / 1e6).toFixed(2), timed ? k.ms.toFixed(3) : '—', rate(k.flop, k.ms)]
    return element(
      'tr',
      {},
      element('td', {}, button),
      ...cells.map(text => element('td', { className: 'number' }, text === '0.00' ? '' : text)),
    )
  }
  const heads = ['kernel (click for its WGSL)', 'launches', 'MFLOP', 'ms on the GPU', 'GFLOP/s']
  const head = heads.map((text, i) => element('th', { scope: 'col', className: i ? 'number' : '' }, text))
  return [
    element(
      'p',
      {},
      `From photo to answer: ${launches} launches, ${(flop / 1e6).toFixed(1)} MFLOP of convolutions and products, ` +
        `${ms.toFixed(1)} ms (the median of five, with one wait for the answer), ${rate(flop, ms)} GFLOP/s. ` +
        (timed
          ? 'The times by kernel were measured apart, each launch by itself.'
          : "This adapter's clock cannot be read, so there are no times by kernel."),
    ),
    element(
      'div',
      { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Kernels' },
      element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...kernels.map(row))),
    ),
    shown,
    code,
  ]
}
