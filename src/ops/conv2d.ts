/** Two-dimensional convolution with stride, padding, dilation and an optional bias. */
import { empty, launch } from '../execute.ts'
import { kernel, ladder, type Params } from '../gpu/kernel.ts'
import { record } from '../tape.ts'
import { axes, check, type Tensor } from '../tensor.ts'
import { bias } from './elementwise.ts'
import { sum } from './reduce.ts'

const flop = (p: Params): number => 2 * p.N! * p.K! * p.OH! * p.OW! * p.C! * p.R! * p.S!
const fix = ['R', 'S'] as const

const forward = ladder('conv2d forward',
  kernel('conv2d/forward/1_naive.wgsl', p => p.N! * p.K! * p.OH! * p.OW!, { fix, flop }))
const backwardInput = ladder('conv2d backward input',
  kernel('conv2d/backward_input/1_naive.wgsl', p => p.N! * p.C! * p.H! * p.W!, { fix, flop }))
const backwardWeight = ladder('conv2d backward weight',
  kernel('conv2d/backward_weight/1_naive.wgsl', p => p.G! * p.K! * p.C! * p.R! * p.S!, { fix, flop }))
const layout = kernel('conv2d/weight_layout.wgsl', p => p.K! * p.C! * p.R! * p.S!, { fix: ['FLIP'] })

export interface ConvOptions { stride?: number, padding?: number, dilation?: number }

/**
 * y (N,K,OH,OW) = x (N,C,H,W) * w (K,C,R,S) + b (K),   OH = floor((H + 2 padding - dilation (R - 1) - 1) / stride) + 1.
 * dx = dy convolved with w turned round, dw = x correlated with dy, db = dy summed over N, OH and OW.
 */
export function conv2d(x: Tensor, w: Tensor, b?: Tensor, { stride = 1, padding: pad = 0, dilation = 1 }: ConvOptions = {}): Tensor {
  const [N, C, H, W] = axes('conv2d', 'x', x, 'N C H W') as [number, number, number, number]
  const [K, CW, R, S] = axes('conv2d', 'w', w, 'K C R S') as [number, number, number, number]
  check(C === CW, () => `conv2d: x [${x.shape}] has ${C} channels, w [${w.shape}] expects ${CW}`)
  check(stride >= 1 && dilation >= 1 && pad >= 0, () => `conv2d: stride ${stride}, padding ${pad}, dilation ${dilation} make no sense`)
  const out = (n: number, taps: number) => Math.floor((n + 2 * pad - dilation * (taps - 1) - 1) / stride) + 1
  const OH = out(H, R), OW = out(W, S)
  check(OH >= 1 && OW >= 1, () => `conv2d: x [${x.shape}] with padding ${pad} is smaller than w [${w.shape}] at dilation ${dilation}`)
  const shape = { N, C, H, W, K, R, S, OH, OW, stride, pad, dilation }

  let y = empty([N, K, OH, OW])
  launch(forward, { x, wt: relayed(w, 0), y }, shape)
  y = record('conv2d', y, [x, w], dy => [x.requiresGrad ? gradInput(dy, w, shape) : null, w.requiresGrad ? gradWeight(x, dy, shape) : null])
  return b ? bias(y, b) : y
}

type Shape = Record<'N' | 'C' | 'H' | 'W' | 'K' | 'R' | 'S' | 'OH' | 'OW' | 'stride' | 'pad' | 'dilation', number>

function relayed(w: Tensor, FLIP: 0 | 1): Tensor {
  const [K, C, R, S] = w.shape as [number, number, number, number]
  const wt = empty(FLIP ? [K, R, S, C] : [C, R, S, K])
  launch(layout, { w, wt }, { FLIP, K, C, R, S })
  return wt
}

/** At stride 1 the input gradient is itself a convolution: of dy, with the weights turned round and C and K exchanged. */
function gradInput(dy: Tensor, w: Tensor, shape: Shape): Tensor {
  const { N, C, H, W, K, R, S, OH, OW, stride, pad, dilation } = shape
  const dx = empty([N, C, H, W]), padRound = dilation * (R - 1) - pad
  if (stride === 1 && R === S && padRound >= 0) {
    launch(forward, { x: dy, wt: relayed(w, 1), y: dx },
      { N, C: K, H: OH, W: OW, K: C, R, S, OH: H, OW: W, stride: 1, pad: padRound, dilation })
  } else {
    launch(backwardInput, { dy, w, dx }, shape)
  }
  return dx
}

/** The batch is cut into groups that are summed apart, for a small filter alone has too few elements to fill a machine. */
function gradWeight(x: Tensor, dy: Tensor, shape: Shape): Tensor {
  const { N, C, K, R, S } = shape, ENOUGH = 16384
  const G = Math.min(N, Math.max(1, Math.ceil(ENOUGH / (K * C * R * S))))
  const dw = empty([G, K, C, R, S])
  launch(backwardWeight, { x, dy, dw }, { ...shape, G })
  return sum(dw, [0])
}
