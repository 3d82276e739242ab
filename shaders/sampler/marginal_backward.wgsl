// sampler/marginal_backward    dA[n,h,w] = drows[n,h] where A is the first largest of its row
//                                        + dcolumns[n,w] where A is the first largest of its column
// A, dA (N,H,W), rows and drows (N,H), columns and dcolumns (N,W).   One invocation an element of A.
struct Params { N: u32, H: u32, W: u32 }
@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<f32>;
@group(0) @binding(3) var<storage, read> drows: array<f32>;
@group(0) @binding(4) var<storage, read> dcolumns: array<f32>;
@group(0) @binding(5) var<storage, read_write> dA: array<f32>;
@group(0) @binding(6) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

// Whether v is the largest of its line. A maximum of zero passes nothing on: it may stem from a value that only counted
// as zero. A NaN is the largest.
fn is_largest(v: f32, largest: f32) -> bool { return select(v > 0.0 && v == largest, is_nan(v), is_nan(largest)); }
fn same(a: f32, b: f32) -> bool { return select(a == b, is_nan(a), is_nan(b)); }

fn elements() -> u32 { return p.N * p.H * p.W; }

fn element(i: u32) {
  let w = i % p.W;
  let h = i / p.W % p.H;
  let n = i / (p.W * p.H);
  let v = A[i];
  var sum = 0.0;
  // Few elements are a maximum, so few look for an equal one before them.
  if (is_largest(v, rows[n * p.H + h])) {
    var first = true;
    for (var k = 0u; k < w; k++) { first = first && !same(A[i - w + k], v); }
    sum += select(0.0, drows[n * p.H + h], first);
  }
  if (is_largest(v, columns[n * p.W + w])) {
    var first = true;
    for (var k = 0u; k < h; k++) { first = first && !same(A[i - (h - k) * p.W], v); }
    sum += select(0.0, dcolumns[n * p.W + w], first);
  }
  dA[i] = sum;
}
