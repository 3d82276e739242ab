// lib/pixel    A pixel of x (N,C,H,W); plane is n * C + c. Outside: BORDER 1 takes the edge pixel, BORDER 0 zero.
fn pixel(plane: u32, h: i32, w: i32) -> f32 {
  let inside = h >= 0 && w >= 0 && h < i32(p.H) && w < i32(p.W);
  if (BORDER == 0u && !inside) { return 0.0; }
  let ch = u32(clamp(h, 0, i32(p.H) - 1));
  let cw = u32(clamp(w, 0, i32(p.W) - 1));
  return x[(plane * p.H + ch) * p.W + cw];
}
