// batch_norm/moments    moments[c] = (running_mean[c], running_var[c]): the form in which the other kernels want them
// moments (C,2), the rest (C).   One invocation a channel.
struct Params { C: u32 }
@group(0) @binding(0) var<storage, read> running_mean: array<f32>;
@group(0) @binding(1) var<storage, read> running_var: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<vec2f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.C; }

fn element(c: u32) { moments[c] = vec2f(running_mean[c], running_var[c]); }
