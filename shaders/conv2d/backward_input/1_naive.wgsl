// conv2d/backward_input/1_naive
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   One invocation an element of dx: it looks up which outputs it went
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
  let c = i / (p.W * p.H) % p.C;
  let n = i / (p.W * p.H * p.C);
  var sum = 0.0;
  for (var r = 0u; r < R; r++) {
    for (var s = 0u; s < S; s++) {
      let a = i32(ih) + p.pad - i32(r) * p.dilation;
      let b = i32(iw) + p.pad - i32(s) * p.dilation;
      if (a < 0 || b < 0 || a % p.stride != 0 || b % p.stride != 0) { continue; }
      let oh = u32(a / p.stride);
      let ow = u32(b / p.stride);
      if (oh >= p.OH || ow >= p.OW) { continue; }
      for (var k = 0u; k < p.K; k++) {
        sum += dy[((n * p.K + k) * p.OH + oh) * p.OW + ow] * w[((k * p.C + c) * R + r) * S + s];
      }
    }
  }
  put(i, sum);
}
