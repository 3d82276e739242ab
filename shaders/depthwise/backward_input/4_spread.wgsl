// depthwise/backward_input/4_spread
// dx[n,c,ih,iw] = sum over r,s of dy[n,c,oh,ow] * w[c,r,s]  where 2*oh - pad + r = ih
// dy (N,C,OH,OW), w (C,1,3,3), dx (N,C,H,W).   3x3 filters without dilation, stride 2, padding 1 or 0 at the beginning,
// H = 2 OH, W = 2 OW, OW a multiple of 4. A lane owns 2 x 8 pixels, those under four outputs side by side.
// Over rung 1: with stride 2 each pixel is seen by one, two or four taps, and which ones is known beforehand. Of two
// rows one is seen by the middle tap alone, the other by the outer two; so it is with columns.
alias Vector = vec4f;
alias Element = vec4f;
// #include "depthwise/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "lib/each.wgsl": main() calls element() for each of the elements()
const pad: i32 = 1;

fn elements() -> u32 { return p.N * p.C * p.OH * (p.OW / 4u); }

fn element(i: u32) {
  let width = p.OW / 4u;
  let q = i % width;
  let oh = i / width % p.OH;
  let plane = i / (width * p.OH);
  // The other output that an outer pixel is seen by: the next one with padding, the one before without.
  let other = select(i32(oh) - 1, i32(oh) + 1, pad == 1);
  let there = other >= 0 && other < i32(p.OH);
  let now = pixel(i);
  let now_beside = beside(i, q, now);
  let j = select(i, (plane * p.OH + u32(other)) * width + q, there);
  let then = select(vec4f(), pixel(j), there);
  let then_beside = select(vec4f(), beside(j, q, pixel(j)), there);
  let here = select(0u, 2u, pad == 1); // the tap of an outer pixel for its own output; the other one's is 2 - here
  let c = plane % p.C * 9u;
  // The outer row, then the middle one; in each the outer columns, then the middle ones.
  let near = c + here * 3u;
  let far = c + (2u - here) * 3u;
  let outer = w[near + here] * now + w[near + 2u - here] * now_beside + w[far + here] * then +
    w[far + 2u - here] * then_beside;
  let outer_middle = w[near + 1u] * now + w[far + 1u] * then;
  let middle = w[c + 3u + here] * now + w[c + 3u + 2u - here] * now_beside;
  let middle_middle = w[c + 4u] * now;
  let first = (plane * p.H + 2u * oh) * (p.W / 4u) + 2u * q;
  let second = first + p.W / 4u;
  if (pad == 1) {
    store(first, middle_middle, middle);
    store(second, outer_middle, outer);
  } else {
    store(first, outer, outer_middle);
    store(second, middle, middle_middle);
  }
}

fn pixel(i: u32) -> vec4f { return dy[i]; }

// The outputs beside these four: to the right with padding, to the left without.
fn beside(i: u32, q: u32, now: vec4f) -> vec4f {
  if (pad == 1) {
    let last = q + 1u == p.OW / 4u;
    return vec4f(now.yzw, select(pixel(select(i + 1u, i, last)).x, 0.0, last));
  }
  return vec4f(select(pixel(select(i - 1u, i, q == 0u)).w, 0.0, q == 0u), now.xyz);
}

fn store(i: u32, even: vec4f, odd: vec4f) {
  put(i, vec4f(even.x, odd.x, even.y, odd.y));
  put(i + 1u, vec4f(even.z, odd.z, even.w, odd.w));
}
