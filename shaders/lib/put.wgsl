// lib/put    How a kernel stores the gradient of x. Where x has a gradient from another use already (ADD 1), it is
// added here, so that the two need no launch of their own to meet. The including kernel says what an Element is: a
// number or four.
const ADD: u32 = 0;
@group(0) @binding(0) var<storage, read_write> dx: array<Element>;
@group(0) @binding(1) var<storage, read> so_far: array<Element>;

fn put(i: u32, sum: Element) {
  var v = sum;
  if (ADD == 1u) { v += so_far[i]; }
  dx[i] = v;
}
