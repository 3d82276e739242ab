// pool/max    y[n,oh,ow] = max over r,s of x[n, oh*stride - pad + r, ow*stride - pad + s];  index: which pixel that was
// x (N,H,W) with N = batch * channels, y and index (N,OH,OW).   One invocation an output. Padding never
// wins; NaN always does, the last of them, as in PyTorch.
// #include "pool/0_shared.wgsl": Params
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> index: array<u32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/nan.wgsl": is_nan()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.OH * p.OW; }

fn element(i: u32) {
  let ow = i % p.OW;
  let oh = i / p.OW % p.OH;
  let n = i / (p.OW * p.OH);
  var best = 0.0;
  var best_at = 0u;
  var none = true; // so far; a window may hold nothing above minus infinity
  for (var r = 0u; r < p.R; r++) {
    for (var s = 0u; s < p.R; s++) {
      let ih = i32(oh) * p.stride - p.pad + i32(r);
      let iw = i32(ow) * p.stride - p.pad + i32(s);
      if (ih < 0 || iw < 0 || ih >= i32(p.H) || iw >= i32(p.W)) { continue; }
      let at = u32(ih) * p.W + u32(iw);
      let v = x[n * p.H * p.W + at];
      if (none || is_nan(v) || (!is_nan(best) && v > best)) {
        best = v;
        best_at = at;
        none = false;
      }
    }
  }
  y[i] = best;
  index[i] = best_at;
}
