/**
 * The rules that a model card obeys. A card comes with a file of unknown origin: it must not make the reader build a
 * network that its memory or its time cannot take.
 */
import { isObject } from '../io/json.ts'
import { printable, printableJson } from '../io/printable.ts'
import type { MobileNetV1Config, MobileNetV2Config } from '../nn/mobilenet.ts'
import type { ResNetConfig } from '../nn/resnet.ts'
import type { TasnConfig } from './config.ts'
import { LOSS_TERMS } from './heads.ts'

/** Returns what is wrong with the value, as `is ..., ... is needed`; undefined if nothing is. */
type Rule = (value: unknown) => string | undefined
/** A rule for each field, so that the compiler misses none. */
type Rules<T> = { readonly [K in keyof T]-?: Rule }

const must = (ok: boolean, value: unknown, needed: string): string | undefined =>
  ok ? undefined : `is ${printableJson(value)}, ${needed} is needed`

const number =
  (least: number, most: number): Rule =>
  v =>
    must(typeof v === 'number' && v >= least && v <= most, v, `a number from ${least} to ${most}`)
const whole =
  (least: number, most: number): Rule =>
  v =>
    must(
      Number.isInteger(v) && (v as number) >= least && (v as number) <= most,
      v,
      `a whole number, ${least} to ${most}`,
    )
const flag: Rule = v => must(typeof v === 'boolean', v, 'true or false')
const oneOf =
  (...values: readonly unknown[]): Rule =>
  v =>
    must(values.includes(v), v, values.join(' or '))
const optional =
  (rule: Rule): Rule =>
  v =>
    v === undefined ? undefined : rule(v)
const list =
  (rule: Rule, least: number, most: number): Rule =>
  v => {
    const fault = must(Array.isArray(v) && v.length >= least && v.length <= most, v, `a list of ${least} to ${most}`)
    return fault ?? firstFault((v as unknown[]).map((value, i) => [`[${i}]`, rule(value)]))
  }
const fields =
  <T>(rules: Rules<T>): Rule =>
  v => {
    if (!isObject(v)) return must(false, v, 'an object')
    const unknown = Object.keys(v).find(name => !Object.hasOwn(rules, name))
    if (unknown !== undefined) return `has a field ${printableJson(unknown)} that this version does not know`
    return firstFault(Object.entries<Rule>(rules).map(([name, rule]) => [`.${name}`, rule(v[name])]))
  }

/** The first fault, behind the place of the value. */
function firstFault(faults: readonly (readonly [place: string, fault: string | undefined])[]): string | undefined {
  const [place, fault] = faults.find(([, f]) => f !== undefined) ?? []
  return fault === undefined ? undefined : `${place}${/^[.[]/.test(fault) ? '' : ' '}${fault}`
}

const SIDE = whole(1, 4096)
const size = list(SIDE, 2, 2)
/** Most channels of a layer; a ResNet-50 has 2048. */
const WIDTH = whole(1, 8192)

const resNet: Rule = v =>
  fields<ResNetConfig>({
    block: oneOf('basic', 'bottleneck'),
    layers: list(whole(1, 64), 1, 4),
    widths: list(WIDTH, 1, 4),
    stemWidth: optional(WIDTH),
    strides: list(whole(1, 8), 1, 4),
    stem: oneOf(3, 7),
    pool: flag,
  })(v) ?? stages(v as ResNetConfig)

const stages = ({ layers, widths, strides }: ResNetConfig): string | undefined =>
  layers.length === widths.length && layers.length === strides.length
    ? undefined
    : `has ${layers.length} layers, ${widths.length} widths and ${strides.length} strides: as many of each are needed`

const mobileNet = fields<MobileNetV1Config | MobileNetV2Config>({
  block: oneOf('separable', 'inverted'),
  width: number(0.01, 4),
  outputStride: optional(oneOf(8, 16, 32)),
  padding: optional(oneOf('same', 'symmetric')),
  eps: optional(number(0, 1)),
  normalise: optional(oneOf('half', 'imagenet')),
})

const BLOCKS = { basic: resNet, bottleneck: resNet, separable: mobileNet, inverted: mobileNet } as const

/** Which network it is, is said by its blocks. */
const backbone: Rule = v => {
  if (!isObject(v)) return must(false, v, 'an object')
  const { block } = v
  const fault = oneOf(...Object.keys(BLOCKS))(block)
  return fault === undefined ? BLOCKS[block as keyof typeof BLOCKS](v) : `.block ${fault}`
}

const config = fields<TasnConfig>({
  classes: whole(1, 100_000),
  imageSize: size,
  attentionSize: size,
  attentionResize: oneOf('bilinear', 'area'),
  classifierSize: size,
  attention: fields<TasnConfig['attention']>({
    backbone,
    dilations: list(list(whole(1, 64), 1, 8), 0, 8),
  }),
  classifier: backbone,
  trilinear: fields<TasnConfig['trilinear']>({
    innerScale: number(-1000, 1000),
    innerSoftmax: flag,
    outerSoftmax: flag,
    product: optional(flag),
  }),
  maps: fields<TasnConfig['maps']>({
    structureChannels: oneOf('live', 'all'),
    gamma: number(0, 100),
    detailGamma: number(0, 100),
    detail: oneOf('random', 'mean'),
    mapSize: optional(size),
    sampler: fields<TasnConfig['maps']['sampler']>({
      mode: oneOf('half-pixel', 'torch'),
      dense: number(1, 1e6),
      iterations: whole(0, 1000),
      coupled: flag,
      cap: optional(oneOf('rounds', 'exact')),
    }),
  }),
  temperature: number(1e-6, 1e6),
  weights: fields<TasnConfig['weights']>(
    Object.fromEntries(LOSS_TERMS.map(term => [term, number(0, 1e6)])) as Rules<TasnConfig['weights']>,
  ),
  partNet: optional(flag),
  look: optional(oneOf('attention')),
  samplerGradient: optional(flag),
  mirrorTest: optional(flag),
  teacherGradient: flag,
})

const name: Rule = v =>
  must(typeof v === 'string' && v.length >= 1 && v.length <= 300, v, 'a name of 1 to 300 characters')

const card = fields<{ config: unknown; classes: unknown }>({ config, classes: list(name, 1, 100_000) })

/** The first fault of a card, with its place; undefined where it has none. */
export function faultOf(value: unknown): string | undefined {
  if (value === undefined) return 'it is not JSON'
  const fault = card(value)
  if (fault !== undefined)
    return printable(
      fault.replace(/^(\.)?/, (_, dot) => (dot ? 'its ' : 'it ')),
      400,
    )
  const { config, classes } = value as { config: TasnConfig; classes: string[] }
  return classes.length === config.classes ? undefined : `it has ${classes.length} names for ${config.classes} classes`
}
