// depthwise/forward/0_vectors    What the rungs bind whose x is loaded in Vectors and whose y is stored in Results:
// each is one number or several.
alias Weight = f32;
// #include "conv2d/forward/0_vectors.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "conv2d/0_params.wgsl": Params
