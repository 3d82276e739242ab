// depthwise/0_window_vec4    What the three taps of a filter's row see of an image's row, for four outputs side by
// side: a Window, a vec4 for each tap. Each pixel is loaded once, in a vec4, and not once for each tap; of the vec4s
// beside it one number is read. The including kernel says how a pixel() is loaded.
// For rows of whole vec4s, with padding 1 and stride 1, or with padding 1 or 0 at the beginning and stride 2.
alias Pixel = vec4f;
alias Window = array<Pixel, 3>;
const PER: u32 = 4; // pixels side by side that a lane owns

fn window(plane: u32, ih: i32, q: u32, size: vec2u, step: i32, begin: i32) -> Window {
  let there = ih >= 0 && ih < i32(size.x);
  let width = size.y / 4u;
  let row = (plane * size.x + select(0u, u32(ih), there)) * width;
  if (step == 1) {
    let now = pixel(row + q);
    let left = select(0.0, pixel(row + max(q, 1u) - 1u).w, q > 0u);
    let right = select(0.0, pixel(row + min(q + 1u, width - 1u)).x, q + 1u < width);
    return seen(there, vec4f(left, now.xyz), now, vec4f(now.yzw, right));
  }
  let a = pixel(row + 2u * q);
  let b = pixel(row + 2u * q + 1u);
  let even = vec4f(a.xz, b.xz);
  let odd = vec4f(a.yw, b.yw);
  if (begin == 1) {
    let left = select(0.0, pixel(row + max(2u * q, 1u) - 1u).w, q > 0u);
    return seen(there, vec4f(left, odd.xyz), even, odd);
  }
  let right = select(0.0, pixel(row + min(2u * q + 2u, width - 1u)).x, 2u * q + 2u < width);
  return seen(there, even, odd, vec4f(even.yzw, right));
}

// Zeros, where the row lies in the padding.
fn seen(there: bool, a: vec4f, b: vec4f, c: vec4f) -> Window {
  return Window(select(vec4f(), a, there), select(vec4f(), b, there), select(vec4f(), c, there));
}
