// depthwise/forward/1_naive
// y[n,c,oh,ow] = sum over r,s of x[n,c,ih,iw] * w[c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (C,1,R,S), y (N,C,OH,OW): every channel has a filter of its own.   One invocation an output element.
const R: u32 = 3;
const S: u32 = 3;
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/forward/0_shared.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.K * p.OH * p.OW; }

fn element(i: u32) {
  let ow = i % p.OW;
  let oh = i / p.OW % p.OH;
  let plane = i / (p.OW * p.OH);
  let c = plane % p.K;
  var sum = 0.0;
  for (var r = 0u; r < R; r++) {
    for (var s = 0u; s < S; s++) {
      let ih = i32(oh) * p.stride - p.pad + i32(r) * p.dilation;
      let iw = i32(ow) * p.stride - p.pad + i32(s) * p.dilation;
      if (ih >= 0 && iw >= 0 && ih < i32(p.H) && iw < i32(p.W)) {
        sum += x[(plane * p.H + u32(ih)) * p.W + u32(iw)] * w[(c * R + r) * S + s];
      }
    }
  }
  y[i] = epilogue(sum, c, i);
}
