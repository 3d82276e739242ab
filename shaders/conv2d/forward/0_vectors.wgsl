// conv2d/forward/0_vectors    What all rungs bind, and what is done to a finished sum. The including kernel says in
// what x is loaded, Vectors, in what w is, Weights, and in what y is stored, Results: a number or several.
@group(0) @binding(0) var<storage, read> x: array<Vector>;
@group(0) @binding(1) var<storage, read> w: array<Weight>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> variance: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<Result>;
@group(0) @binding(8) var<uniform> p: Params;
// #include "lib/conv_epilogue.wgsl": epilogue(), for bias or batch norm, shortcut and ReLU
