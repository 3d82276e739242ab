/** Names of classes and adapters as people write them. */
import type { AdapterInfo } from '../../src/index.ts'

/** `002.Ring_eyed_Tit` as `Ring-eyed Tit`. */
export const readable = (folder: string): string =>
  folder
    .replace(/^\d+\./, '')
    .replace('Ring_eyed', 'Ring-eyed')
    .replaceAll('_', ' ')

/** An adapter's name; '' where the browser tells none. */
export const adapterName = ({ description, vendor, architecture, device }: AdapterInfo): string =>
  description || [vendor, architecture, device].filter(Boolean).join(' ')
