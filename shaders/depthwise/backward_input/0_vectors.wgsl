// depthwise/backward_input/0_vectors    What the rungs bind whose dy is loaded in Vectors and whose dx is stored in
// Elements: each is one number or several.
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read> w: array<f32>;
@group(0) @binding(4) var<uniform> p: Params;
// #include "lib/conv.wgsl": Params
