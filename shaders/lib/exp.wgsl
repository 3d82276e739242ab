// lib/exp    exp() and log() also of what is not a finite number above zero. There drivers return anything: exp(NaN) of
// SwiftShader is 0, and its log(0) is -88.
// #include "lib/nan.wgsl": is_nan(), nan_if()
const MINUS_INFINITY: u32 = 0xff800000u;

fn exp_of(v: f32) -> f32 { return nan_if(is_nan(v), exp(v)); }

fn log_of(v: f32) -> f32 {
  let y = nan_if(is_nan(v) || v < 0.0, log(v));
  let zero = (bitcast<u32>(v) & 0x7fffffffu) == 0u;
  return bitcast<f32>(select(bitcast<u32>(y), MINUS_INFINITY, zero));
}
