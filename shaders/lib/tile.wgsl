// lib/tile    A workgroup of 256 lanes multiplies 64 rows by 64 columns, 16 deep at a time. Both sides are first laid
// into workgroup memory: every number is loaded from outside once for 64 products. A lane then owns 4 rows x 4 columns:
// 16 products for two loads of a vec4. Stored in half precision (f16 rungs), both sides take half the memory and half
// the bandwidth; products and sums stay in float32.
alias Stored = vec4f;
const TILE: u32 = 64;
const DEPTH: u32 = 16;
const PITCH: u32 = 17; // of 16 vec4 a row; one more, or lanes that write one below the other would meet in one bank
const QUAD: vec4u = vec4u(0u, 1u, 2u, 3u); // four neighbours
var<workgroup> left: array<Stored, 272>;  // DEPTH x 64 rows
var<workgroup> right: array<Stored, 272>; // DEPTH x 64 columns

// Adds DEPTH products to the lane's 4 x 4 sums, one vec4 of columns for each row. Barriers around it are the caller's.
fn multiply(sum: ptr<function, array<vec4f, 4>>, lane: u32) {
  for (var k = 0u; k < DEPTH; k++) {
    let l = vec4f(left[k * PITCH + lane / 16u]);
    let r = vec4f(right[k * PITCH + lane % 16u]);
    (*sum)[0] += l.x * r;
    (*sum)[1] += l.y * r;
    (*sum)[2] += l.z * r;
    (*sum)[3] += l.w * r;
  }
}
