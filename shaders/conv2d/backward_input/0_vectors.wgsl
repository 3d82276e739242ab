// conv2d/backward_input/0_vectors    What all rungs bind. The including kernel says in what dy is loaded, Vectors, in
// what w is, Weights, and in what dx is stored, Elements: a number or several.
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read> w: array<Weight>;
@group(0) @binding(4) var<uniform> p: Params;
