// conv2d/backward_input/0_shared    What all rungs bind.
alias Element = f32;
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> w: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
