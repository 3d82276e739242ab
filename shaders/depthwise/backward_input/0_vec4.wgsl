// depthwise/backward_input/0_vec4    What the rungs for whole vec4s bind.
alias Element = vec4f;
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
fn pixel(i: u32) -> vec4f { return dy[i]; }
