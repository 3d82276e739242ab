// conv2d/backward_weight/1_naive
// dw[g,k,c,r,s] = sum over the rows (n,oh) of group g, and ow, of dy[n,k,oh,ow] * x[n,c,ih,iw],
// ih = oh*stride - pad + r*dilation
// x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S): the rows are cut into G groups so that there is work for every core,
// and no sum is long; the op adds the groups up afterwards.   One invocation an element of dw.
const R: u32 = 3;
const S: u32 = 3;
alias Term = f32;
// #include "conv2d/backward_weight/0_shared.wgsl": Params, the bindings, rows_of() a group
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.G * p.K * p.C * R * S; }

fn element(i: u32) {
  let s = i % S;
  let r = i / S % R;
  let c = i / (R * S) % p.C;
  let k = i / (R * S * p.C) % p.K;
  let g = i / (R * S * p.C * p.K);
  var sum = Sum();
  let rows = rows_of(g);
  for (var row = rows.x; row < rows.y; row++) {
    let n = row / p.OH;
    let oh = row % p.OH;
    for (var ow = 0u; ow < p.OW; ow++) {
      let ih = i32(oh) * p.stride - p.pad + i32(r) * p.dilation;
      let iw = i32(ow) * p.stride - p.pad + i32(s) * p.dilation;
      if (ih >= 0 && iw >= 0 && ih < i32(p.H) && iw < i32(p.W)) {
        add(&sum, dy[((n * p.K + k) * p.OH + oh) * p.OW + ow] * x[((n * p.C + c) * p.H + u32(ih)) * p.W + u32(iw)]);
      }
    }
  }
  dw[i] = sum_of(&sum);
}
