/** The files of a training: downloads, the command that goes on with them in Node, and the form that takes them. */
import { element } from './dom.ts'
import { messageOf } from './messages.ts'
import type { RunFiles } from './train_messages.ts'
import type { Upload } from './train_worker.ts'

/** Addresses of the files that were made last: their memory goes when others are made. */
let addresses: string[] = []

/** Links to the files, and what to do with them. */
export function runFiles({ checkpoint, config, model }: RunFiles): HTMLElement {
  for (const address of addresses) URL.revokeObjectURL(address)
  addresses = []
  const link = (name: string, content: BlobPart, holds: string): HTMLElement => {
    const blob = new Blob([content], { type: name.endsWith('.json') ? 'application/json' : 'application/octet-stream' })
    const address = URL.createObjectURL(blob)
    addresses.push(address)
    const size = `${Math.ceil(blob.size / 1024).toLocaleString('en')} KiB`
    return element(
      'li',
      {},
      element('a', { href: address, download: name, className: 'download' }, name),
      ` (${size}): ${holds}`,
    )
  }
  return element(
    'div',
    {},
    element(
      'ul',
      {},
      link('checkpoint.safetensors', checkpoint, 'all that training needs to go on'),
      link('config.json', config, 'the settings that it belongs to'),
      link('model.safetensors', model, 'the model as it is now, for the panel Look and for examples/predict.ts'),
    ),
    element('p', {}, 'Put the first two into a folder of their own, such as runs/from-page. In Node it goes on with'),
    element('pre', { tabIndex: 0 }, 'npm run train -- --resume runs/from-page'),
  )
}

/** The form for the two files of a run folder. */
export function uploadForm(take: (upload: Upload) => Promise<void>): HTMLElement {
  const input = element('input', { type: 'file', multiple: true, accept: '.safetensors,.json' })
  const told = element('span', { className: 'quiet', role: 'status' })
  input.onchange = async () => {
    const files = [...(input.files ?? [])]
    const checkpoint = files.find(file => file.name.endsWith('.safetensors'))
    const config = files.find(file => file.name.endsWith('.json'))
    if (!checkpoint || !config) {
      told.textContent =
        'Both files of the run folder are needed, chosen together: checkpoint.safetensors and config.json.'
      return
    }
    told.textContent = ''
    try {
      const upload = { checkpoint: new Uint8Array(await checkpoint.arrayBuffer()), config: await config.text() }
      await take(upload)
    } catch (error) {
      told.textContent = `The files cannot be read (${messageOf(error)}). Choose them again.`
    }
    input.value = ''
  }
  return element(
    'div',
    {},
    element(
      'label',
      { className: 'upload' },
      'Go on with a run: choose its checkpoint.safetensors and config.json together ',
      input,
    ),
    ' ',
    told,
  )
}
