// conv2d/0_window    What the three taps of a row of a 3x3 filter see of an image's row, four neighbouring outputs at
// once, out of vec4s that are loaded whole. No pixel is loaded once for each tap.
alias Window = array<vec4f, 3>; // a tap each

// Four neighbours of the eight in a and b, that begin `by` before b (0 to 4).
fn moved(a: vec4f, b: vec4f, by: i32) -> vec4f {
  let odd = select(vec4f(a.w, b.xyz), vec4f(a.yzw, b.x), by == 3);
  let even = select(vec4f(a.zw, b.xy), select(a, b, by == 0), (by & 3) == 0);
  return select(even, odd, (by & 1) == 1);
}

// Stride 1, taps `dilation` apart: the vec4 of the outputs' own places, and those before and after it.
fn window(before: vec4f, now: vec4f, after: vec4f, dilation: i32) -> Window {
  return Window(moved(before, now, dilation), now, moved(now, after, 4 - dilation));
}

// Stride 2, padding 1: the eight pixels of the outputs' places, and the one before them.
fn window_of_two(before: f32, now: vec4f, next: vec4f) -> Window {
  return Window(vec4f(before, now.yw, next.y), vec4f(now.xz, next.xz), vec4f(now.yw, next.yw));
}
