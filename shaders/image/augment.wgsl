// image/augment    y[n,:,h,w] = colour(photo[n] at affine(h,w)), normalised: (value / 255 - mean) / std per channel
// pixels (N,H,W) RGBA8, one u32 a pixel;  change (N,9): affine a b c / d e f in units of half the image (source =
// [a b; d e] * place + [c f], places from -1 to 1), brightness, contrast, saturation (1 changes nothing);
// y (N,3,H,W).   A workgroup walks one row of one image: the nine numbers are loaded once for all its pixels.
// The photo is read bilinearly; beyond the edge lies the edge pixel (the published white corners after a rotation would
// be a cue of their own).
const WG: u32 = 64;
struct Params { N: u32, H: u32, W: u32, mean_r: f32, mean_g: f32, mean_b: f32, std_r: f32, std_g: f32, std_b: f32 }
@group(0) @binding(0) var<storage, read> pixels: array<u32>;
@group(0) @binding(1) var<storage, read> change: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;

fn photo(n: u32, h: i32, w: i32) -> vec3f {
  let ch = u32(clamp(h, 0, i32(p.H) - 1));
  let cw = u32(clamp(w, 0, i32(p.W) - 1));
  return unpack4x8unorm(pixels[(n * p.H + ch) * p.W + cw]).rgb;
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let number = group.x + group.y * groups.x; // of a row, counted through all images
  if (number >= p.N * p.H) { return; }
  let row = number % p.H;
  let n = number / p.H;
  let k = n * 9u;
  let across = vec2f(change[k], change[k + 3u]);
  let middle = vec2f(change[k + 2u], change[k + 5u]);
  let down = vec2f(change[k + 1u], change[k + 4u]) * ((f32(row) + 0.5) * 2.0 / f32(p.H) - 1.0) + middle;
  let brightness = change[k + 6u];
  let contrast = change[k + 7u];
  let saturation = change[k + 8u];
  let half = vec2f(f32(p.W), f32(p.H)) * 0.5;
  for (var column = lane; column < p.W; column += WG) {
    let source = across * ((f32(column) + 0.5) * 2.0 / f32(p.W) - 1.0) + down;
    let at = (source + 1.0) * half - 0.5;
    let low = floor(at);
    let part = at - low;
    let w = i32(low.x);
    let h = i32(low.y);
    let above = mix(photo(n, h, w), photo(n, h, w + 1), part.x);
    let below = mix(photo(n, h + 1, w), photo(n, h + 1, w + 1), part.x);
    var colour = mix(above, below, part.y);

    // Brightness multiplies; contrast stretches about mid-grey; saturation about the pixel's own grey (ITU-R BT.601).
    colour = mix(vec3f(0.5), colour * brightness, contrast);
    colour = mix(vec3f(dot(colour, vec3f(0.299, 0.587, 0.114))), colour, saturation);
    colour = (colour - vec3f(p.mean_r, p.mean_g, p.mean_b)) / vec3f(p.std_r, p.std_g, p.std_b);
    let o = (n * 3u * p.H + row) * p.W + column;
    y[o] = colour.r;
    y[o + p.H * p.W] = colour.g;
    y[o + 2u * p.H * p.W] = colour.b;
  }
}
