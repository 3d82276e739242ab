/** Names of classes and adapters as people write them. */
import type { AdapterInfo } from '../../src/index.ts'

/**
 * A class as its folder is named: `002.Ring_eyed_Tit` as `Ring-eyed Tit`. CUB writes hyphens as underscores, too: after
 * them it goes on in small letters. Where all is small, they are spaces.
 */
export const readable = (folder: string): string => {
  const name = folder.replace(/^\d+\./, '')
  return (/^[A-Z]/.test(name) ? name.replace(/_(?=[a-z])/g, '-') : name).replaceAll('_', ' ')
}

/** An adapter's name; '' where the browser tells none. */
export const adapterName = ({ description, vendor, architecture, device }: AdapterInfo): string =>
  description || [vendor, architecture, device].filter(Boolean).join(' ')
