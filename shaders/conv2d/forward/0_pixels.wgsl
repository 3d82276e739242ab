// conv2d/forward/0_pixels    The tile of a lane in rungs 2, 3, 5 and 10: CHANNELS channels x 4 pixels of y. The pixels
// of all images form one row, so small maps fill the lanes as well as large ones. A lane's pixels are WG apart, so that
// neighbouring lanes own neighbouring pixels.
const PIXELS: u32 = 4; // the width of a vec4
// #include "conv2d/0_params.wgsl": Params, the filter's size among them
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/forward/0_shared.wgsl": the bindings, epilogue()

// Four pixels of y: their images, and the pixels of x that their first taps meet.
struct Pixels { n: vec4u, ih: vec4i, iw: vec4i }

fn pixels() -> u32 { return p.N * p.OH * p.OW; }

fn pixels_from(first: u32) -> Pixels {
  // Past the end: the last pixel again, not written.
  let q = min(first + vec4u(0u, WG, 2u * WG, 3u * WG), vec4u(pixels() - 1u));
  let hw = q % (p.OH * p.OW);
  return Pixels(q / (p.OH * p.OW), vec4i(hw / p.OW) * p.stride - p.pad, vec4i(hw % p.OW) * p.stride - p.pad);
}

// Where tap (r, s) finds four pixels in channel 0 of x, and which of them lie inside the image.
struct Tap { at: vec4u, inside: vec4<bool> }

fn tap_of(q: Pixels, r: u32, s: u32) -> Tap {
  let ih = vec4u(q.ih + i32(r) * p.dilation); // negative rows become huge, so one comparison finds both ends
  let iw = vec4u(q.iw + i32(s) * p.dilation);
  let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W));
  return Tap(select(vec4u(), (q.n * p.C * p.H + ih) * p.W + iw, inside), inside);
}

fn load(at: vec4u, inside: vec4<bool>) -> vec4f {
  return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
}

fn store(sum: ptr<function, array<vec4f, CHANNELS>>, k0: u32, first: u32) {
  var done = *sum;
  let end = min(first + PIXELS * WG, pixels());
  for (var i = first; i < end; i += WG) {
    let out = (i / (p.OH * p.OW) * p.K + k0) * p.OH * p.OW + i % (p.OH * p.OW);
    for (var k = 0u; k < min(CHANNELS, p.K - k0); k = after(k)) {
      let o = out + k * p.OH * p.OW;
      y[o] = epilogue(done[k][(i - first) / WG], k0 + k, o);
    }
  }
}
