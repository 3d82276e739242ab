// loss/weighted_sum    y = w0 t0 + w1 t1 + ... + w5 t5
// t0 .. t5, y: one number each; a term that is not there is 0, and so is its weight.   One invocation.
struct Params { w0: f32, w1: f32, w2: f32, w3: f32, w4: f32, w5: f32 }
@group(0) @binding(0) var<storage, read> t0: array<f32>;
@group(0) @binding(1) var<storage, read> t1: array<f32>;
@group(0) @binding(2) var<storage, read> t2: array<f32>;
@group(0) @binding(3) var<storage, read> t3: array<f32>;
@group(0) @binding(4) var<storage, read> t4: array<f32>;
@group(0) @binding(5) var<storage, read> t5: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;
@group(0) @binding(7) var<uniform> p: Params;

@compute @workgroup_size(1)
fn main() {
  y[0] = p.w0 * t0[0] + p.w1 * t1[0] + p.w2 * t2[0] + p.w3 * t3[0] + p.w4 * t4[0] + p.w5 * t5[0];
}
