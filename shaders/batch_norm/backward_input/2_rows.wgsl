// batch_norm/backward_input/2_rows
// dx = weight / sqrt(variance + eps) * (g - mean(g) - xhat * mean(g * xhat)), means over a channel,
// with xhat = (x - mean) / sqrt(variance + eps) and g = dy (RELU 1: where y > 0, else 0)
// x, y, dy, dx (N,C,L) with L a multiple of 4, coefficients (C,4) from backward_sums.   LANES lanes walk one
// row (n,c), a vec4 at a time.
// Over rung 1: coefficients are loaded, and the row is found by division, once a row and not once an element; and four
// elements move in one load, so an address is worked out and checked once for four.
alias Element = vec4f;
alias Bits = vec4u;
// #include "batch_norm/backward_input/0_shared.wgsl": Params, the bindings, dx_at() for the formula
// #include "batch_norm/0_rows.wgsl": main() calls channel() for each row and four() for each four elements of it

fn channel(c: u32) -> vec4f { return coefficients[c]; }

fn four(i: u32, k: vec4f) { dx[i] = dx_at(i, gradient(i), k); }
