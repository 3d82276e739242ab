// depthwise/backward_input/1_naive
// dx[n,c,ih,iw] = sum over r,s of dy[n,c,oh,ow] * w[c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,C,OH,OW), w (C,1,R,S), dx (N,C,H,W).   One invocation an element of dx: it looks up which outputs it went
// into.
const R: u32 = 3;
const S: u32 = 3;
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/backward_input/0_shared.wgsl": the bindings
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.N * p.C * p.H * p.W; }

fn element(i: u32) {
  let iw = i % p.W;
  let ih = i / p.W % p.H;
  let plane = i / (p.W * p.H);
  let c = plane % p.C;
  var sum = 0.0;
  for (var r = 0u; r < R; r++) {
    for (var s = 0u; s < S; s++) {
      let a = i32(ih) + p.pad - i32(r) * p.dilation;
      let b = i32(iw) + p.pad - i32(s) * p.dilation;
      if (a < 0 || b < 0 || a % p.stride != 0 || b % p.stride != 0) { continue; }
      let oh = u32(a / p.stride);
      let ow = u32(b / p.stride);
      if (oh >= p.OH || ow >= p.OW) { continue; }
      sum += dy[(plane * p.OH + oh) * p.OW + ow] * w[(c * R + r) * S + s];
    }
  }
  put(i, sum);
}
