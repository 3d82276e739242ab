// batch_norm/normalise_add/2_rows
// y[n,c,l] = (x[n,c,l] - mean) / sqrt(variance + eps) * weight[c] + bias[c] + residual[n,c,l]
// (RELU 1: the larger of that and 0)
// x, y, residual (N,C,L) with L a multiple of 4, moments (C,2) of means and variances, the rest (C).   LANES lanes
// walk one row (n,c), a vec4 at a time.
// Over rung 1: the channel's numbers are loaded, and the row is found by division, once a row and not once an element;
// and four elements move in one load, so an address is worked out and checked once for four.
alias Element = vec4f;
alias Bits = vec4u;
// #include "batch_norm/normalise/0_shared.wgsl": Params, the bindings, channel() for its numbers, ending() for the
// ReLU
@group(0) @binding(6) var<storage, read> residual: array<Element>;
// #include "batch_norm/0_rows.wgsl": main() calls channel() for each row and four() for each four elements of it

fn four(i: u32, k: vec3f) { y[i] = ending((x[i] - k.y) * k.x + k.z + residual[i]); }
