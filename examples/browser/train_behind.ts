/** Behind the panel Train: the loss, and the launches of a step with their shaders. */
import { element, messageOf } from './dom.ts'
import type { Engine } from './panel.ts'
import type { StepFacts } from './train_worker.ts'

const FORMULA = `loss = w1 CE(attention) + w2 CE(part) + w3 CE(master) + w4 CE(shared(part)) + w5 CE(shared(master))
     + w6 CE(softmax(part / T), softmax(master / T))

attention maps   M = softmax(softmax(X) X') X        X: the features of the attention net, a row a channel
structure view   the mean of the live maps           -> part of the grid's integral inverted, rows and columns
detail view      one of the live maps at random
update           AdamW; no gradient passes from the classifier to the maps`

/** A fold-out that asks the worker when it is opened. */
export function behindTraining(engine: Engine): HTMLElement {
  const place = element('div', { className: 'stack' })
  const fold = element(
    'details',
    { className: 'card' },
    element('summary', {}, 'What is computed'),
    element('pre', { tabIndex: 0 }, FORMULA),
    place,
  )
  fold.ontoggle = async () => {
    if (!fold.open) return
    try {
      place.replaceChildren(...(await engine.call<StepFacts[]>('train', 'facts')).map(table))
    } catch (error) {
      place.replaceChildren(element('p', { className: 'quiet' }, messageOf(error)))
    }
  }
  return fold
}

function table({ title, launches, gflop, bytes, seconds, kernels }: StepFacts): HTMLElement {
  const speed = seconds ? `, ${(1000 * seconds).toFixed(1)} ms, ${(gflop / seconds).toFixed(1)} GFLOP/s` : ''
  return element(
    'div',
    { className: 'stack' },
    element(
      'h3',
      {},
      `${title}: ${launches} launches, ${gflop.toFixed(2)} GFLOP, ${(bytes / 2 ** 20).toFixed(1)} MiB${speed}`,
    ),
    ...kernels.map(({ name, count, code }) =>
      element('details', {}, element('summary', {}, `${name} × ${count}`), element('pre', { tabIndex: 0 }, code)),
    ),
  )
}
