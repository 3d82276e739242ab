// conv2d/0_rows
const WG: u32 = 8;
struct Params { N: u32, C: u32, H: u32, W: u32, K: u32, OH: u32, OW: u32, dilation: i32 }

// Where a lane's four pixels lie: image, row, vec4 of the row, and whether it has neighbours to the left and right.
// Past the end, `there` is false and it is the last one again.
struct Place { n: u32, row: u32, column: u32, left: bool, right: bool, there: bool }

// Number `number` of all vec4s of planes with `rows` rows of `width` vec4s.
fn place_of(number: u32, rows: u32, width: u32) -> Place {
  let all = p.N * rows * width;
  let v = min(number, all - 1u);
  let column = v % width;
  return Place(v / (rows * width), v / width % rows, column, column > 0u, column + 1u < width, number < all);
}

// Four neighbours of the eight in a and b, that begin `by` before b.
fn moved(a: vec4f, b: vec4f, by: i32) -> vec4f {
  let odd = select(vec4f(a.w, b.xyz), vec4f(a.yzw, b.x), by == 3);
  let even = select(vec4f(a.zw, b.xy), select(a, b, by == 0), (by & 3) == 0);
  return select(even, odd, (by & 1) == 1);
}

// What the three taps of a row see, for a lane with `now` in the middle.
fn seen(now: vec4f, at: Place, lane: u32) -> array<vec4f, 3> {
  let before = select(vec4f(), subgroupShuffle(now, (lane + 7u) % 8u), at.left);
  let after = select(vec4f(), subgroupShuffle(now, (lane + 1u) % 8u), at.right);
  return array<vec4f, 3>(moved(before, now, p.dilation), now, moved(now, after, 4 - p.dilation));
}

fn eight(first: u32, sum: ptr<function, array<vec4f, CHANNELS>>, weights: vec3f, e: ptr<function, array<vec4f, 3>>) {
  for (var i = 0u; i < 8u; i++) {
    let w = subgroupShuffle(weights, i);
    (*sum)[first + i] += w.x * (*e)[0] + w.y * (*e)[1] + w.z * (*e)[2];
  }
}
