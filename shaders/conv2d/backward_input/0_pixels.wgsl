// conv2d/backward_input/0_pixels    The tile of a lane in rungs 2, 3, 5, 6 and 12: CHANNELS channels x 4 pixels of
// one phase of dx. A lane's pixels are WG apart, so that neighbouring lanes own neighbouring pixels.
const PIXELS: u32 = 4; // the width of a vec4
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "conv2d/backward_input/0_phase.wgsl": Params, the bindings, phases and taps

fn pixels_from(first: u32, phase: Phase) -> Pixels {
  return pixels_at(first + vec4u(0u, WG, 2u * WG, 3u * WG), phase);
}

fn store(sum: ptr<function, array<vec4f, CHANNELS>>, c0: u32, first: u32, phase: Phase) {
  var done = *sum;
  let end = min(first + PIXELS * WG, pixels_in(phase));
  for (var i = first; i < end; i += WG) {
    let out = place_of(i, c0, phase);
    for (var c = 0u; c < min(CHANNELS, p.C - c0); c = after(c)) {
      put(out + c * p.H * p.W, done[c][(i - first) / WG]);
    }
  }
}
