// matmul/0_product    What rungs 6 and 7 do alike: a workgroup owns ROWS x COLUMNS of y, by lib/product.wgsl. With
// PARTS, y is (PARTS, batch, M, N): the depth is cut into parts whose sums are apart, and the op adds them up.
const PARTS: u32 = 1;
struct Params { batch: u32, M: u32, N: u32, K: u32, TA: u32, TB: u32 }
@group(0) @binding(0) var<storage, read> a: array<Element>;
@group(0) @binding(1) var<storage, read> b: array<Element>;
@group(0) @binding(2) var<storage, read_write> y: array<Element>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "matmul/0_parts.wgsl": depth_of_part()
// #include "lib/product.wgsl": product(), which calls place(), fetch() and store()

fn left_deep() -> bool { return p.TA == 0u; }
fn right_deep() -> bool { return p.TB == 1u; }

// Where the four rows of a block begin, in numbers; the distance of the next depth.
struct Place { begin: vec4u, step: u32 }

fn place(block: Block, group: vec3u) -> Place {
  let batch = group.z % p.batch;
  // Past the end: the last again, not written.
  if (block.left) {
    let m = min(group.y * ROWS + four(block.quad, ROW_QUADS), vec4u(p.M - 1u));
    if (left_deep()) { return Place(batch * p.M * p.K + m * p.K, 1u); }
    return Place(batch * p.M * p.K + m, p.M);
  }
  let n = min(group.x * COLUMNS + four(block.quad, COLUMN_QUADS), vec4u(p.N - 1u));
  if (right_deep()) { return Place(batch * p.K * p.N + n * p.K, 1u); }
  return Place(batch * p.K * p.N + n, p.N);
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let depth = depth_of_part(PARTS);
  let first = group.z / p.batch * depth; // past K in parts that are empty
  product(group, lane, first / DEPTH, (min(first + depth, p.K) + DEPTH - 1u) / DEPTH);
}
