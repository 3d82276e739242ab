// loss/correct    correct[n] = 1 if the largest of x[n] is at labels[n] (the first, if several are largest), else 0;
// NaN if an element of x[n] is, or if the label is no class: K or more
// x (N,K), labels (N), correct (N).   One invocation a row.
struct Params { N: u32, K: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> correct: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan(), nan_if()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N; }

fn element(n: u32) {
  var best = 0u;
  var unknown = labels[n] >= p.K;
  for (var k = 0u; k < p.K; k++) {
    let v = x[n * p.K + k];
    unknown = unknown || is_nan(v);
    if (v > x[n * p.K + best]) { best = k; }
  }
  correct[n] = nan_if(unknown, select(0.0, 1.0, best == labels[n]));
}
