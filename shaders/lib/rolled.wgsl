// lib/rolled    The next number of a loop that is not to be unrolled: for (var i = 0u; i < n; i = after(i)). Loads and
// stores are what makes a kernel slow to compile on a CPU, and a compiler unrolls each loop over an array if it can
// count the steps. This step is 1, and a compiler cannot know that. The loop works on a copy of the array, since what
// is indexed by such a loop does not stay in registers. The including kernel's p has an N, which is never 0.
fn after(i: u32) -> u32 { return i + select(1u, 2u, p.N == 0u); }
