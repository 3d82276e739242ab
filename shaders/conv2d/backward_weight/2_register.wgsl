// conv2d/backward_weight/2_register
// dw[g,k,c,r,s] = sum over oh,ow and the images n of group g of dy[n,k,oh,ow] * x[n,c,ih,iw],  ih = oh*stride - pad +
// r*dilation x (N,C,H,W), dy (N,K,OH,OW), dw (G,K,C,R,S), seen as G matrices of K rows and C*R*S columns.   Eight
// neighbouring lanes, an octet, own a tile of 8 rows x 32 columns: a lane has all 8 rows of 4 columns, 8 apart. They
// walk the pixels of group g. Over rung 1: 32 multiply-adds take 12 loads instead of 64, for a loaded x serves 8 output
// channels and a dy serves 4 columns; and what lies in the padding is settled once for 8 channels. R and S are params:
// one pipeline serves every filter. An octet of its own: there are few tiles, and on a CPU lanes without a tile cost as
// much as lanes with one.
const WG: u32 = 8;
const ROWS: u32 = 8;
const COLUMNS: u32 = 32; // four for each lane of an octet
struct Params {
  N: u32, C: u32, H: u32, W: u32, K: u32, R: u32, S: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32,
  G: u32
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let width = p.C * p.R * p.S;
  let tiles_across = (width + COLUMNS - 1u) / COLUMNS;
  let tile = (group.x * WG + lane) / 8u;
  let g = group.y;
  let k0 = tile / tiles_across * ROWS;
  let column0 = tile % tiles_across * COLUMNS + lane % 8u;

  let column = min(column0 + vec4u(0u, 8u, 16u, 24u), vec4u(width - 1u));
  let c = column / (p.R * p.S);
  // Where the tap of a column looks, from oh * stride and ow * stride.
  let down = vec4i(column / p.S % p.R) * p.dilation - p.pad;
  let right = vec4i(column % p.S) * p.dilation - p.pad;
  let plane = p.OH * p.OW;

  var sum: array<vec4f, ROWS>;
  for (var n = g * p.N / p.G; n < (g + 1u) * p.N / p.G; n++) {
    // Past K it reads dy for sums that are never written (WebGPU bounds every access).
    var dy_at = (n * p.K + k0) * plane;
    for (var oh = 0u; oh < p.OH; oh++) {
      let ih = vec4u(i32(oh) * p.stride + down); // negative rows become huge, so one comparison finds both ends
      let row = ((n * p.C + c) * p.H + ih) * p.W;
      let limit = select(vec4u(), vec4u(p.W), ih < vec4u(p.H));
      for (var ow = 0u; ow < p.OW; ow++) {
        let iw = vec4u(i32(ow) * p.stride + right);
        let inside = iw < limit;
        let at = select(vec4u(), row + iw, inside);
        let v = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
        for (var i = 0u; i < ROWS; i++) { sum[i] += dy[dy_at + i * plane] * v; }
        dy_at += 1u;
      }
    }
  }

  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = min(column0 + COLUMNS, width);
  for (var j = column0; j < end; j += 8u) {
    for (var i = 0u; i < ROWS; i++) {
      if (k0 + i < p.K) { dw[(g * p.K + k0 + i) * width + j] = sum[i][(j - column0) / 8u]; }
    }
  }
}
