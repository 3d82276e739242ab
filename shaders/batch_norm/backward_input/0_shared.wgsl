// batch_norm/backward_input/0_shared    What both rungs of backward_input and both of backward_input_add bind, and dx
// at one place; an Element is a number or four.
struct Params { N: u32, C: u32, L: u32 }
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read> y: array<Element>;
@group(0) @binding(2) var<storage, read> dy: array<Element>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<Element>;
@group(0) @binding(5) var<uniform> p: Params;
// #include "batch_norm/0_shared.wgsl": gradient(), dy behind the ReLU

// k: the channel's coefficients, (weight / sqrt(variance + eps), mean, mean(g), mean(g * xhat) / sqrt(variance + eps)).
fn dx_at(i: u32, g: Element, k: vec4f) -> Element { return k.x * (g - k.z - (x[i] - k.y) * k.w); }
