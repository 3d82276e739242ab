// resize/area/3_period
// y[n,oh,ow] = mean of x over the cell [oh*H/OH, (oh+1)*H/OH) x [ow*W/OW, (ow+1)*W/OW), parts of pixels as parts
// x (N,H,W) with N = batch * channels, y (N,OH,OW).   W / OW = IN / OUT, IN a multiple of 4. A workgroup walks one row
// of y, a lane makes OUT neighbours of IN.
// Over rung 2: the cells of IN columns have the same parts again and again, which are compiled in, and a pixel that two
// cells share is loaded once, in a vec4.
const WG: u32 = 8;
const IN: u32 = 8;
const OUT: u32 = 7;
const COLUMNS: u32 = (IN + OUT - 1u) / OUT + 1u; // that a cell touches at most
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let height = f32(p.H) / f32(p.OH);
  let top = f32(group.x) * height;
  let bottom = top + height;
  for (var at = lane; at < p.OW / OUT; at += WG) {
    var sum: array<f32, OUT>;
    sum = array<f32, OUT>(); // Mesa 25 keeps the sums of the last time around, where nothing is assigned.
    for (var h = u32(top); h < min(p.H, u32(ceil(bottom))); h++) {
      let wh = min(bottom, f32(h + 1u)) - max(top, f32(h));
      let base = ((group.y * p.H + h) * p.W + at * IN) / 4u;
      var pixels: array<f32, IN>;
      for (var q = 0u; q < IN / 4u; q++) {
        let four = x[base + q];
        for (var k = 0u; k < 4u; k++) { pixels[4u * q + k] = four[k]; }
      }
      for (var o = 0u; o < OUT; o++) {
        // In units of 1 / OUT pixel, which are whole numbers: what is beyond the cell has no part, be it not a number.
        var row = 0.0;
        for (var k = 0u; k < COLUMNS; k++) {
          let w = o * IN / OUT + k;
          let first = max(o * IN, w * OUT);
          let last = min((o + 1u) * IN, (w + 1u) * OUT);
          if (w < IN && last > first) { row += f32(last - first) / f32(OUT) * pixels[w]; }
        }
        sum[o] += wh * row;
      }
    }
    for (var o = 0u; o < OUT; o++) {
      y[(group.y * p.OH + group.x) * p.OW + at * OUT + o] = sum[o] / (height * (f32(IN) / f32(OUT)));
    }
  }
}
