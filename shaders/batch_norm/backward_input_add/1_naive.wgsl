// batch_norm/backward_input_add/1_naive
// dx = weight / sqrt(variance + eps) * (g - mean(g) - xhat * mean(g * xhat)), means over a channel,
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0);   dresidual = g
// x, y, dy, dx, dresidual (N,C,L), coefficients (C,4) from backward_sums.   One invocation an element.
alias Element = f32;
alias Bits = u32;
// #include "batch_norm/backward_input/0_shared.wgsl": Params, the bindings, dx_at() for the formula
@group(0) @binding(6) var<storage, read_write> dresidual: array<Element>;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) {
  let g = gradient(i);
  dx[i] = dx_at(i, g, coefficients[i / p.L % p.C]);
  dresidual[i] = g;
}
