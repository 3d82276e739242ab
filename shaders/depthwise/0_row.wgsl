// depthwise/0_row    A lane of a CPU owns COLUMNS neighbouring columns: where it can, whole rows. It loads each number
// of an image's row once, in vectors of PER, and finds there what all taps see. A load costs a CPU more than the nine
// products of a number; and so it keeps the rows that the next output sees again.
// The including kernel says how a vector() is loaded, what its part() i is, and how a single pixel() is loaded; that a
// row is LOADED columns and BEFORE more to the left, and SEEN in all.
const COLUMNS: u32 = 4;
const EDGES: u32 = 1; // 1 where several lanes share a row: a lane then sees pixels of its neighbours, too
alias Row = array<f32, SEEN>;

// Row ih of a plane of `size`, from BEFORE columns before column `first` on. Zero outside of the plane.
fn row_of(plane: u32, ih: i32, first: u32, size: vec2u) -> Row {
  let inside = ih >= 0 && ih < i32(size.x);
  let at = (plane * size.x + select(0u, u32(ih), inside)) * size.y + first;
  var row: Row;
  for (var q = 0u; q < LOADED / PER; q++) {
    let v = vector(at / PER + q);
    for (var i = 0u; i < PER; i++) {
      let j = BEFORE + q * PER + i;
      if (j < SEEN) { row[j] = select(0.0, part(v, i), inside); }
    }
  }
  if (EDGES == 1u) {
    for (var j = 0u; j < BEFORE; j++) {
      let there = inside && first + j >= BEFORE;
      row[j] = select(0.0, pixel(select(0u, at + j - BEFORE, there)), there);
    }
    for (var j = BEFORE + LOADED; j < SEEN; j++) {
      let there = inside && first + j - BEFORE < size.y;
      row[j] = select(0.0, pixel(select(0u, at + j - BEFORE, there)), there);
    }
  }
  return row;
}
