// loss/correct    correct[n] = 1 if the largest of x[n] is at labels[n] (the first, if several are largest), else 0;
// NaN if an element of x[n] is, or if the label is no class: K or more
// x (N,K), labels (N), correct (N).   One invocation a row.
struct Params { N: u32, K: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> correct: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "loss/0_correct.wgsl": correct_of()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) { correct[n] = correct_of(n); }
