// conv2d/backward_weight/0_shared    What all rungs bind, and which rows of dy a group walks.
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "conv2d/backward_weight/0_groups.wgsl": rows_of() a group
