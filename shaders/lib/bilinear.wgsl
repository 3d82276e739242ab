// lib/bilinear    Where row o of n_out rows looks among n_in rows, and between which two rows that is.
struct Tap { low: u32, high: u32, weight_high: f32 }

// align_corners: first and last rows meet; otherwise rows are cells and their centres meet (half-pixel).
fn bilinear_tap(o: u32, n_in: u32, n_out: u32, align_corners: bool) -> Tap {
  var at = 0.0;
  if (align_corners) {
    if (n_out > 1u) { at = f32(o) * f32(n_in - 1u) / f32(n_out - 1u); }
  } else {
    at = max((f32(o) + 0.5) * f32(n_in) / f32(n_out) - 0.5, 0.0);
  }
  let low = min(u32(at), n_in - 1u);
  return Tap(low, min(low + 1u, n_in - 1u), at - f32(low));
}
