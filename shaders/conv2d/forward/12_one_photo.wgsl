// conv2d/forward/12_one_photo
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   One invocation an output element.
// Over rung 1: the filter's size is in Params. One pipeline serves every filter, and a compiler cannot unroll the
// loops: it compiles in 0.06 s instead of 0.14, and runs 1.4 times as long. For a CPU that looks at one small photo.
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/forward/0_shared.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.K * p.OH * p.OW; }

fn element(i: u32) {
  let ow = i % p.OW;
  let oh = i / p.OW % p.OH;
  let k = i / (p.OW * p.OH) % p.K;
  let n = i / (p.OW * p.OH * p.K);
  var sum = 0.0;
  for (var c = 0u; c < p.C; c++) {
    for (var r = 0u; r < p.R; r++) {
      for (var s = 0u; s < p.S; s++) {
        let ih = i32(oh) * p.stride - p.pad + i32(r) * p.dilation;
        let iw = i32(ow) * p.stride - p.pad + i32(s) * p.dilation;
        if (ih >= 0 && iw >= 0 && ih < i32(p.H) && iw < i32(p.W)) {
          sum += x[((n * p.C + c) * p.H + u32(ih)) * p.W + u32(iw)] * w[((k * p.C + c) * p.R + r) * p.S + s];
        }
      }
    }
  }
  y[i] = epilogue(sum, k, i);
}
