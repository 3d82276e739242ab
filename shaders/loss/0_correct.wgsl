// loss/0_correct    correct_of(n): 1 if the largest of x[n] is at labels[n] (the first, if several are largest), else
// 0; NaN if an element of x[n] is, or if the label is no class: K or more. The including kernel binds x, labels and p.
// #include "lib/nan.wgsl": is_nan(), nan_if()
fn correct_of(n: u32) -> f32 {
  var best = 0u;
  var unknown = labels[n] >= p.K;
  for (var k = 0u; k < p.K; k++) {
    let v = x[n * p.K + k];
    unknown = unknown || is_nan(v);
    if (v > x[n * p.K + best]) { best = k; }
  }
  return nan_if(unknown, select(0.0, 1.0, best == labels[n]));
}
