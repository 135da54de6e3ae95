;; The page's arithmetic, four floats at a time: products of a matrix and a vector, sigmoid and tanh. kernel.js says the same in
;; plain JavaScript, to the bit: every product and every sum is rounded, and each element is one chain in ascending order.
;; Addresses are in bytes. kernel.mjs makes kernel.wasm of this file.
(module
  (import "page" "memory" (memory 1))

  ;; out += W · x. W is packed as [panels][inputs][32]: a panel is 32 outputs, held in eight registers while the inputs go by.
  ;; out [panels · 32], x [inputs], at least one of each.
  (func (export "multiply") (param $out i32) (param $weights i32) (param $x i32) (param $panels i32) (param $inputs i32)
    (local $input i32) (local $end i32) (local $factor v128)
    (local $0 v128) (local $1 v128) (local $2 v128) (local $3 v128) (local $4 v128) (local $5 v128) (local $6 v128) (local $7 v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $inputs) (i32.const 2))))
    (loop $panel
      (local.set $0 (v128.load offset=0 (local.get $out)))
      (local.set $1 (v128.load offset=16 (local.get $out)))
      (local.set $2 (v128.load offset=32 (local.get $out)))
      (local.set $3 (v128.load offset=48 (local.get $out)))
      (local.set $4 (v128.load offset=64 (local.get $out)))
      (local.set $5 (v128.load offset=80 (local.get $out)))
      (local.set $6 (v128.load offset=96 (local.get $out)))
      (local.set $7 (v128.load offset=112 (local.get $out)))
      (local.set $input (local.get $x))
      (loop $next
        (local.set $factor (v128.load32_splat (local.get $input)))
        (local.set $0 (f32x4.add (local.get $0) (f32x4.mul (local.get $factor) (v128.load offset=0 (local.get $weights)))))
        (local.set $1 (f32x4.add (local.get $1) (f32x4.mul (local.get $factor) (v128.load offset=16 (local.get $weights)))))
        (local.set $2 (f32x4.add (local.get $2) (f32x4.mul (local.get $factor) (v128.load offset=32 (local.get $weights)))))
        (local.set $3 (f32x4.add (local.get $3) (f32x4.mul (local.get $factor) (v128.load offset=48 (local.get $weights)))))
        (local.set $4 (f32x4.add (local.get $4) (f32x4.mul (local.get $factor) (v128.load offset=64 (local.get $weights)))))
        (local.set $5 (f32x4.add (local.get $5) (f32x4.mul (local.get $factor) (v128.load offset=80 (local.get $weights)))))
        (local.set $6 (f32x4.add (local.get $6) (f32x4.mul (local.get $factor) (v128.load offset=96 (local.get $weights)))))
        (local.set $7 (f32x4.add (local.get $7) (f32x4.mul (local.get $factor) (v128.load offset=112 (local.get $weights)))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 128)))
        (local.set $input (i32.add (local.get $input) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $input) (local.get $end))))
      (v128.store offset=0 (local.get $out) (local.get $0))
      (v128.store offset=16 (local.get $out) (local.get $1))
      (v128.store offset=32 (local.get $out) (local.get $2))
      (v128.store offset=48 (local.get $out) (local.get $3))
      (v128.store offset=64 (local.get $out) (local.get $4))
      (v128.store offset=80 (local.get $out) (local.get $5))
      (v128.store offset=96 (local.get $out) (local.get $6))
      (v128.store offset=112 (local.get $out) (local.get $7))
      (local.set $out (i32.add (local.get $out) (i32.const 128)))
      (local.set $panels (i32.sub (local.get $panels) (i32.const 1)))
      (br_if $panel (local.get $panels))))

  ;; With n = round(x / ln 2) and r = x − n·ln 2: eʳ − 1, and 2ⁿ, so that eˣ = 2ⁿ · (1 + the first). As in the kernels that the
  ;; model was trained with: Cephes' polynomial, and ln 2 in two parts.
  (func $exp (param $x v128) (result v128 v128)
    (local $n v128) (local $r v128) (local $q v128)
    (local.set $n (f32x4.nearest (f32x4.mul (local.get $x) (v128.const f32x4 1.44269504 1.44269504 1.44269504 1.44269504))))
    (local.set $r (f32x4.sub (local.get $x) (f32x4.mul (local.get $n) (v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375))))
    (local.set $r (f32x4.add (local.get $r) (f32x4.mul (local.get $n) (v128.const f32x4 2.12194440e-4 2.12194440e-4 2.12194440e-4 2.12194440e-4))))
    (local.set $q (v128.const f32x4 1.9875691500e-4 1.9875691500e-4 1.9875691500e-4 1.9875691500e-4))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $r)) (v128.const f32x4 1.3981999507e-3 1.3981999507e-3 1.3981999507e-3 1.3981999507e-3)))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $r)) (v128.const f32x4 8.3334519073e-3 8.3334519073e-3 8.3334519073e-3 8.3334519073e-3)))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $r)) (v128.const f32x4 4.1665795894e-2 4.1665795894e-2 4.1665795894e-2 4.1665795894e-2)))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $r)) (v128.const f32x4 1.6666665459e-1 1.6666665459e-1 1.6666665459e-1 1.6666665459e-1)))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $r)) (v128.const f32x4 5.0000001201e-1 5.0000001201e-1 5.0000001201e-1 5.0000001201e-1)))
    (f32x4.add (f32x4.mul (f32x4.mul (local.get $q) (local.get $r)) (local.get $r)) (local.get $r))
    (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $n)) (v128.const i32x4 127 127 127 127)) (i32.const 23)))

  ;; x = 1 / (1 + e⁻ˣ), in its place; count is a multiple of 4, and not 0.
  (func (export "sigmoid") (param $x i32) (param $count i32)
    (local $end i32) (local $p v128) (local $scale v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (call $exp (f32x4.min (f32x4.max (f32x4.sub (v128.const f32x4 0 0 0 0) (v128.load (local.get $x)))
        (v128.const f32x4 -87 -87 -87 -87)) (v128.const f32x4 88 88 88 88)))
      (local.set $scale)
      (local.set $p)
      (v128.store (local.get $x) (f32x4.div (v128.const f32x4 1 1 1 1) (f32x4.add (v128.const f32x4 1 1 1 1)
        (f32x4.add (f32x4.mul (local.get $p) (local.get $scale)) (local.get $scale)))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end)))))

  ;; x = (e²ˣ − 1) / (e²ˣ + 1), in its place, through e²ˣ − 1 so that it keeps its accuracy near zero.
  (func (export "tanh") (param $x i32) (param $count i32)
    (local $end i32) (local $p v128) (local $scale v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (call $exp (f32x4.min (f32x4.max (f32x4.add (v128.load (local.get $x)) (v128.load (local.get $x)))
        (v128.const f32x4 -40 -40 -40 -40)) (v128.const f32x4 40 40 40 40)))
      (local.set $scale)
      (local.set $p)
      (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $scale)) (f32x4.sub (local.get $scale) (v128.const f32x4 1 1 1 1))))
      (v128.store (local.get $x) (f32x4.div (local.get $p) (f32x4.add (local.get $p) (v128.const f32x4 2 2 2 2))))
      (local.set $x (i32.add (local.get $x) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $x) (local.get $end))))))
