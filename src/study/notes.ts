/** The notes below the tables of the ablation. */
import { basename } from 'node:path'
import { ARMS } from '../train/arms.ts'
import { PRESETS } from '../train/presets.ts'
import type { Result } from './runs.ts'
import { aloneOf, type Base, epochsOf } from './wanted.ts'

/** How the figures were got. */
export function notes(results: readonly Result[], extent: Base & { readonly epochs: number }, jobs: number): string {
  const { epochs, preset, pretrained, pretrainedAttention } = extent
  const seeds = results[0]!.runs.length
  const shorter = results
    .filter(r => epochsOf(r.arm, epochs, extent) !== epochs)
    .map(r => `, \`${r.arm}\` only ${epochsOf(r.arm, epochs, extent)}`)
  const rates = [...new Set(results.map(r => ARMS[r.arm].rateOf))].map(group => {
    const { lr } = results.find(r => ARMS[r.arm].rateOf === group)!
    return `${lr} for ${group === 'plain' ? 'the plain ones' : 'those with a sampler'}`
  })
  const alone = aloneOf(extent, epochs)
  const from = [
    ...(pretrained === undefined ? [] : [`of the classifier from ${basename(pretrained)}`]),
    ...(pretrainedAttention === undefined ? [] : [`of the attention net from ${basename(pretrainedAttention)}`]),
  ]
  const { testImages, trainImages } = results[0]!.runs[0]!.summary
  return [
    `${seeds} seed${seeds > 1 ? 's' : ''}, ${epochs} epochs of ${trainImages} images${shorter.join('')}; ` +
      `${testImages} test images; mean ± standard deviation over seeds.`,
    'Test accuracy is that of the head that predicts, `shared(master)`; distillation trains the head `master`, where ' +
      'there is one.',
    'Differences are in the answers of the head that predicts, paired by seed and image; in brackets their 95 % ' +
      "confidence intervals, first over seeds (Student's t), then over test images (bootstrap, seeds averaged).",
    `Preset \`${preset}\`${from.length ? `, first weights ${from.join(', ')}` : ''}.`,
    alone
      ? `Where there is an attention net, it learns alone in the first ${alone} epochs and then stays as it is, ` +
        'except where the arm says otherwise.'
      : 'Where there is an attention net, it ' +
        (resting(extent) ? 'stays as it was loaded.' : 'learns beside the classifier.'),
    `Learning rates: ${rates.join(', ')}. Seconds: the median run's, with ${jobs} run${jobs > 1 ? 's' : ''} at a time.`,
  ].join('\n')
}

const resting = ({ preset }: Base): boolean => PRESETS[preset].training.attentionAfter === 'rests'
