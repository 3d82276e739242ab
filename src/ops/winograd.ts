/**
 * Winograd's convolution F(2x2, 3x3) (Lavin and Gray 2016), for 3x3 filters of stride 1: 16 products where the
 * definition has 36.
 */
import { empty, launch } from '../engine/launch.ts'
import type { Tensor } from '../engine/tensor.ts'
import { kernel, ladder } from '../gpu/kernel.ts'
import { matmul } from './matmul.ts'
import { put } from './put.ts'

/**
 * The switches of lib/conv_epilogue.wgsl: 0 none, 1 bias, 2 batch norm; an added tensor; 0 none, 1 ReLU, 6 ReLU6; the
 * norm's eps.
 */
export type EpilogueParams = Record<'AFFINE' | 'RESIDUAL' | 'RELU' | 'EPS', number>

/** The numbers of a convolution that its kernels need. */
export type WinogradShape = Record<'N' | 'C' | 'K' | 'H' | 'W' | 'OH' | 'OW' | 'pad', number>
/** With TH x TW tiles of 2x2 outputs for each image. */
type Tiled = WinogradShape & Record<'TH' | 'TW', number>

const tiles = ({ N, TH, TW }: Tiled): number => N * TH * TW
const filters = ({ K, C }: Tiled): number => K * C
const outputs = (p: Tiled): number => p.K * tiles(p)
const patchesIn = (p: Tiled): number => p.C * tiles(p)
const weightsKernel = kernel('winograd/weights.wgsl', filters)
const weightsBackward = kernel('winograd/weights_backward.wgsl', filters)

/** Four tiles an invocation, for rows that are whole vec4s. */
const wholeOutput = ({ OW }: Tiled): boolean => OW % 8 === 0
const wholeInput = ({ W, pad }: Tiled): boolean => W % 8 === 0 && pad === 1

const inputKernel = ladder<Tiled>('winograd input', [
  { name: 'naive', file: 'winograd/input/1_naive.wgsl', grid: patchesIn },
  { name: 'quads', file: 'winograd/input/2_quads.wgsl', grid: p => patchesIn(p) / 4, right: wholeInput },
])
const inputBackward = ladder<Tiled & { ADD: number }>('winograd input backward', [
  {
    name: 'naive',
    file: 'winograd/input_backward/1_naive.wgsl',
    grid: p => p.N * p.C * (p.TH + 1) * (p.TW + 1),
  },
  {
    name: 'rows',
    file: 'winograd/input_backward/2_rows.wgsl',
    grid: p => p.N * p.C * (p.TH + 1),
    right: wholeInput,
    on: 'cpu',
    consts: { WG: 8 },
  },
])
const outputKernel = kernel<Tiled & EpilogueParams>('winograd/output.wgsl', outputs)
const outputBackward = ladder<Tiled>('winograd output backward', [
  { name: 'naive', file: 'winograd/output_backward/1_naive.wgsl', grid: outputs },
  { name: 'quads', file: 'winograd/output_backward/2_quads.wgsl', grid: p => outputs(p) / 4, right: wholeOutput },
])

const shapeOf = ({ N, C, K, H, W, OH, OW, pad }: WinogradShape): Tiled => ({
  N,
  C,
  K,
  H,
  W,
  OH,
  OW,
  pad,
  TH: Math.ceil(OH / 2),
  TW: Math.ceil(OW / 2),
})

/** Filters (K,C,3,3) -> (16,K,C). */
function weights(w: Tensor, p: Tiled): Tensor {
  const u = empty([16, p.K, p.C])
  launch(weightsKernel, { w, u }, p)
  return u
}

/** Patches of x (N,C,H,W) -> (16,C,tiles): four times as many numbers as x has. */
function patches(x: Tensor, p: Tiled): Tensor {
  const v = empty([16, p.C, tiles(p)])
  launch(inputKernel, { x, v }, p)
  return v
}

/**
 * Writes y: the convolution, and what conv2d fuses into it: the tensors `bound`, the numbers `epilogue`. Returns the
 * filters as winogradBackward() wants them.
 */
export function winogradForward(
  x: Tensor,
  w: Tensor,
  y: Tensor,
  shape: WinogradShape,
  bound: Readonly<Record<string, Tensor>>,
  epilogue: EpilogueParams,
): Tensor {
  const p = shapeOf(shape)
  const u = weights(w, p)
  const m = matmul(u, patches(x, p))
  launch(outputKernel, { m, ...bound, y }, { ...p, ...epilogue })
  return u
}

/**
 * dx and dw for dy, each if wanted; the gradient that x has so far is added to dx. The transforms are linear, so
 * backwards they are their transposes. `u` are the transformed filters of the forward pass; patches, four times as many
 * numbers as x has, are made again, not kept.
 */
export function winogradBackward(
  x: Tensor,
  w: Tensor,
  u: Tensor,
  dy: Tensor,
  shape: WinogradShape,
  { wantX, wantW, soFar }: { wantX: boolean; wantW: boolean; soFar?: Tensor | undefined },
): [Tensor | null, Tensor | null] {
  const p = shapeOf(shape)
  const dm = empty([16, p.K, tiles(p)])
  let dx: Tensor | null = null
  let dw: Tensor | null = null
  launch(outputBackward, { dy, dm }, p)
  if (wantW) {
    dw = empty(w.shape)
    launch(weightsBackward, { du: matmul(dm, patches(x, p), { transposeB: true }), dw }, p)
  }
  if (wantX) {
    dx = empty(x.shape)
    const dv = matmul(u, dm, { transposeA: true })
    const { so_far, ADD } = put(soFar)
    launch(inputBackward, { dv, dx, so_far }, { ...p, ADD })
  }
  return [dx, dw]
}
