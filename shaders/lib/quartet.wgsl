// lib/quartet    A tile of 16 rows by 4 columns a lane, for subgroups of four lanes or more. All lanes of
// a workgroup have the same rows. A lane loads every fourth row of the left side, and the first four lanes of the
// subgroup hand them round: 64 multiply-adds take 8 loads instead of 20.
// Rows are columns of matrices, and no array. An adapter with so few lanes, SwiftShader, unrolls no loop, keeps an
// array that a variable indexes in memory, and pays for each access to it as for a load.
struct Tile { a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f }

fn products(row: f32, columns: vec4f) -> mat4x4f {
  return mat4x4f(subgroupBroadcast(row, 0u) * columns, subgroupBroadcast(row, 1u) * columns,
    subgroupBroadcast(row, 2u) * columns, subgroupBroadcast(row, 3u) * columns);
}

// Adds the products of all rows, of which this lane brings a quarter, and this lane's columns.
fn multiply(sum: ptr<function, Tile>, mine: vec4f, columns: vec4f) {
  (*sum).a += products(mine.x, columns);
  (*sum).b += products(mine.y, columns);
  (*sum).c += products(mine.z, columns);
  (*sum).d += products(mine.w, columns);
}

fn add(total: ptr<function, Tile>, sum: Tile) {
  (*total).a += sum.a;
  (*total).b += sum.b;
  (*total).c += sum.c;
  (*total).d += sum.d;
}

// Calls the kernel's finish(value, row, place) for each element of the tile that is above rows() and is `there`. Its
// columns lie at `at` in row 0, and rows lie row_step() apart.
fn finish_all(sum: Tile, first: u32, at: vec4u, there: vec4<bool>) {
  put_four(sum.a, first, at, there);
  put_four(sum.b, first + 4u, at, there);
  put_four(sum.c, first + 8u, at, there);
  put_four(sum.d, first + 12u, at, there);
}

fn put_four(four: mat4x4f, first: u32, at: vec4u, there: vec4<bool>) {
  put_row(four[0], first, at, there);
  put_row(four[1], first + 1u, at, there);
  put_row(four[2], first + 2u, at, there);
  put_row(four[3], first + 3u, at, there);
}

fn put_row(sum: vec4f, row: u32, at: vec4u, there: vec4<bool>) {
  if (row >= rows()) { return; }
  let o = at + row * row_step();
  if (there.x) { finish(sum.x, row, o.x); }
  if (there.y) { finish(sum.y, row, o.y); }
  if (there.z) { finish(sum.z, row, o.z); }
  if (there.w) { finish(sum.w, row, o.w); }
}
