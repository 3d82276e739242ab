// depthwise/0_window    What the three taps of a filter's row see of an image's row: a Window, one number for each tap.
// The including kernel says how a pixel() is loaded. H x W are the image's sizes there, `step` the filter's stride.
alias Pixel = f32;
alias Window = array<Pixel, 3>;
const PER: u32 = 1; // pixels side by side that a lane owns

fn window(plane: u32, ih: i32, q: u32, size: vec2u, step: i32, begin: i32) -> Window {
  var seen: Window;
  let row = (plane * size.x + u32(max(ih, 0))) * size.y;
  for (var s = 0; s < 3; s++) {
    let iw = i32(q) * step - begin + s;
    let inside = ih >= 0 && ih < i32(size.x) && iw >= 0 && iw < i32(size.y);
    seen[s] = select(0.0, pixel(select(0u, row + u32(max(iw, 0)), inside)), inside);
  }
  return seen;
}
