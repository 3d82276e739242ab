// depthwise/backward_weight/0_vectors    What the rungs bind whose x is loaded in Vectors and whose dy in Gradients:
// each is one number or several.
struct Params { N: u32, C: u32, H: u32, W: u32, K: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32, G: u32 }
@group(0) @binding(0) var<storage, read> x: array<Vector>;
@group(0) @binding(1) var<storage, read> dy: array<Gradient>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "conv2d/backward_weight/0_groups.wgsl": rows_of() a group
