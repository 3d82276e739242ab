// batch_norm/backward_input/1_naive
// dx = weight / sqrt(variance + eps) * (g - mean(g) - xhat * mean(g * xhat)), means over a channel,
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0)
// x, y, dy, dx (N,C,L), coefficients (C,4) from backward_sums.   One invocation an element.
alias Element = f32;
alias Bits = u32;
// #include "batch_norm/backward_input/0_shared.wgsl": Params, the bindings, dx_at() for the formula
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.L; }

fn element(i: u32) { dx[i] = dx_at(i, gradient(i), coefficients[i / p.L % p.C]); }
