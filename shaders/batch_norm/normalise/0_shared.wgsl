// batch_norm/normalise/0_shared    What both rungs of normalise and both of normalise_add bind; an Element of x and y
// is a number or four, and its Bits are u32 or vec4u.
struct Params { N: u32, C: u32, L: u32, eps: f32 }
@group(0) @binding(0) var<storage, read> x: array<Element>;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> variance: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<Element>;
@group(0) @binding(6) var<uniform> p: Params;

// #include "lib/relu.wgsl": relu(), by which NaN stays NaN
const RELU: u32 = 0;
fn ending(v: Element) -> Element { return select(v, relu(v), RELU == 1u); }
