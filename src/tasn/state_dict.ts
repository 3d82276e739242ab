/** State dicts, told apart by the names of their tensors, for the reader of an error. */

const KNOWN: Readonly<Record<string, string>> = {
  '2,2,2,2 basic': 'ResNet-18',
  '3,4,6,3 basic': 'ResNet-34',
  '3,4,6,3 bottleneck': 'ResNet-50',
  '3,4,23,3 bottleneck': 'ResNet-101',
  '3,8,36,3 bottleneck': 'ResNet-152',
}

/** Describes the network with these tensor names, such as `ResNet-34 (3, 4, 6, 3 basic blocks)`. */
export function describeStateDict(names: readonly string[]): string {
  const plain = names.map(n => n.replace(/^backbone\./, ''))
  if (!plain.some(n => /^layer\d\.\d+\./.test(n))) return `no ResNet (its names begin ${names.slice(0, 3).join(', ')})`
  const blocks = [1, 2, 3, 4]
    .map(s => new Set(plain.flatMap(n => new RegExp(`^layer${s}\\.(\\d+)\\.`).exec(n)?.[1] ?? [])).size)
    .filter(n => n)
  const kind = plain.some(n => /\.conv3\.weight$/.test(n)) ? 'bottleneck' : 'basic'
  const known = KNOWN[`${blocks} ${kind}`]
  const deep = plain.includes('conv1.0.weight')
    ? " with a deep stem (timm's ...d variants, which are not supported)"
    : ''
  return `${known ?? 'a ResNet'} (${blocks.join(', ')} ${kind} blocks)${deep}`
}
