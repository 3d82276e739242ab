// reduce/0_shared    What all rungs bind, and what two results make together (OP 0: sum, 1: max).
const OP: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/axis.wgsl": base_of() a row

fn both(a: f32, b: f32) -> f32 { return select(a + b, max(a, b), OP == 1u); }
fn scaled(v: f32) -> f32 { return v * select(p.scale, 1.0, OP == 1u); }
