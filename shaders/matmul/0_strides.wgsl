// matmul/0_strides    Both transpositions as strides, so that one pipeline serves all four cases.
struct Params { batch: u32, M: u32, N: u32, K: u32, TA: u32, TB: u32 }
// #include "matmul/0_shared.wgsl": the bindings

// The distance in a of the next m, of the next k; in b of the next n, of the next k.
fn a_step() -> vec2u { return select(vec2u(p.K, 1u), vec2u(1u, p.M), p.TA == 1u); }
fn b_step() -> vec2u { return select(vec2u(1u, p.N), vec2u(p.K, 1u), p.TB == 1u); }
