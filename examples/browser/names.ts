/** Names of classes as people write them. */

/** `002.Ring_eyed_Tit` as `Ring-eyed Tit`. */
export const readable = (folder: string): string =>
  folder
    .replace(/^\d+\./, '')
    .replace('Ring_eyed', 'Ring-eyed')
    .replaceAll('_', ' ')
