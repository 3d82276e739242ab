// lib/sum    A sum of many Terms, numbers or vectors of them, added one by one. One running float would lose digits: a
// million times 0.1 comes out 1 % too large. Here no float takes more than 16 additions in a row: sixteen terms make a
// block, sixteen blocks a block of blocks, and so on. The error of a million terms is then about that of a hundred.
struct Sum { terms: u32, ones: Term, blocks: Term, blocks2: Term, blocks3: Term, blocks4: Term }

fn add(s: ptr<function, Sum>, v: Term) {
  (*s).ones += v;
  (*s).terms++;
  if ((*s).terms % 16u != 0u) { return; }
  close(s, (*s).ones);
  (*s).ones = Term();
}

// Adds up to sixteen terms at once, whose sum the caller knows: a tight loop has no branch then. Not mixed with add().
fn add_block(s: ptr<function, Sum>, block: Term) {
  (*s).terms += 16u;
  close(s, block);
}

fn close(s: ptr<function, Sum>, block: Term) {
  (*s).blocks += block;
  if ((*s).terms % 256u != 0u) { return; }
  (*s).blocks2 += (*s).blocks;
  (*s).blocks = Term();
  if ((*s).terms % 4096u != 0u) { return; }
  (*s).blocks3 += (*s).blocks2;
  (*s).blocks2 = Term();
  if ((*s).terms % 65536u != 0u) { return; }
  (*s).blocks4 += (*s).blocks3;
  (*s).blocks3 = Term();
}

// What full blocks hold; with (*s).ones, all that was added.
fn closed(s: ptr<function, Sum>) -> Term { return (*s).blocks + (*s).blocks2 + (*s).blocks3 + (*s).blocks4; }
fn sum_of(s: ptr<function, Sum>) -> Term { return (*s).ones + closed(s); }
