// resize/0_shared    What resizing x (N,H,W) to y (N,OH,OW) binds, whatever the rule; N = batch * channels.
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
