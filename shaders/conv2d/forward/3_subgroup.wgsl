// conv2d/forward/3_subgroup
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   A lane owns a tile of 16 channels x 4 pixels.
// Over rung 2: there all lanes load the same weights. Here an octet of lanes loads the weights of eight channels,
// a lane each, and the subgroup hands them round by subgroupShuffle, which moves registers and touches no memory:
// 64 multiply-adds take 6 loads instead of 24. On a CPU, where each load of a shader is a gather of 2 to 4 ns, loads
// are what counts. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 32;
const CHANNELS: u32 = 16;
// #include "conv2d/forward/0_pixels.wgsl": Params, the bindings, where a tile lies, load(), store()

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sub: u32) {
  let k0 = group.x * CHANNELS;
  let first = group.y * WG * PIXELS + lane;
  let q = pixels_from(first);
  let filter_size = p.C * p.R * p.S;
  var sum: array<vec4f, CHANNELS>;
  for (var r = 0u; r < p.R; r++) {
    for (var s = 0u; s < p.S; s++) {
      let tap = tap_of(q, r, s);
      var at = tap.at;
      // Past K it reads weights of sums that are never written (WebGPU bounds every access).
      var w_at = ((k0 + sub % 8u) * p.C * p.R + r) * p.S + s;
      for (var c = 0u; c < p.C; c++) {
        let v = load(at, tap.inside);
        for (var k = 0u; k < CHANNELS; k += 8u) {
          let weight = w[w_at + k * filter_size];
          for (var i = 0u; i < 8u; i++) { sum[k + i] += subgroupShuffle(weight, i) * v; }
        }
        at += p.H * p.W;
        w_at += p.R * p.S;
      }
    }
  }
  store(&sum, k0, first);
}
