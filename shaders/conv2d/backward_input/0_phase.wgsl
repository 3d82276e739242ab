// conv2d/backward_input/0_phase    The pixels of dx fall into stride x stride phases, by ih % stride and iw % stride.
// Which taps reach a pixel depends on its phase alone. A phase is a value of the workgroup's z, so a whole workgroup
// skips the taps that do not reach it. The pixels of one phase, of all images, form one row.
// #include "conv2d/0_params.wgsl": Params, the filter's size among them
// #include "conv2d/backward_input/0_shared.wgsl": the bindings

struct Phase { h: u32, w: u32, rows: u32, columns: u32 } // none, if the image is smaller than the stride

fn phase_of(z: u32) -> Phase {
  let stride = u32(p.stride);
  let h = z / stride;
  let w = z % stride;
  return Phase(h, w, (p.H - h + stride - 1u) / stride, (p.W - w + stride - 1u) / stride);
}

fn pixels_in(phase: Phase) -> u32 { return p.N * phase.rows * phase.columns; }

// Four pixels of dx: their images, and their rows and columns among those of the phase.
struct Pixels { n: vec4u, row: vec4i, column: vec4i }

fn pixels_at(numbers: vec4u, phase: Phase) -> Pixels {
  let q = min(numbers, vec4u(max(pixels_in(phase), 1u) - 1u)); // past the end: the last pixel again, not written
  return Pixels(
    q / max(phase.rows * phase.columns, 1u),
    vec4i(q / max(phase.columns, 1u) % max(phase.rows, 1u)),
    vec4i(q % max(phase.columns, 1u)),
  );
}

// How far a tap moves along an axis from a pixel of dx to the pixel of dy that it met, in pixels of dx.
fn shift(phase: u32, tap: u32) -> i32 { return i32(phase) + p.pad - i32(tap) * p.dilation; }

// Whether the tap reaches the phase: whether that is a whole pixel of dy.
fn reaches(shift: i32) -> bool { return shift % p.stride == 0; }

// Where four pixels find theirs in channel 0 of dy, and which of those exist.
struct Tap { at: vec4u, inside: vec4<bool> }

fn tap_of(q: Pixels, down: i32, across: i32) -> Tap {
  let oh = vec4u(q.row + down / p.stride); // negative rows become huge, so one comparison finds both ends
  let ow = vec4u(q.column + across / p.stride);
  let inside = (oh < vec4u(p.OH)) & (ow < vec4u(p.OW));
  return Tap(select(vec4u(), (q.n * p.K * p.OH + oh) * p.OW + ow, inside), inside);
}

fn load(at: vec4u, inside: vec4<bool>) -> vec4f {
  return select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), inside);
}

// Where pixel i of the phase lies in channel c of dx.
fn place_of(i: u32, c: u32, phase: Phase) -> u32 {
  let ih = i / phase.columns % phase.rows * u32(p.stride) + phase.h;
  let iw = i % phase.columns * u32(p.stride) + phase.w;
  return ((i / (phase.rows * phase.columns) * p.C + c) * p.H + ih) * p.W + iw;
}
