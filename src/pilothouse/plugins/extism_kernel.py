"""The memory that host and guest of a WebAssembly plugin share, as a WebAssembly module of its own.

Extism's plug-in kits exchange everything as blocks of this memory (EIP-007, ``extism:host/env``): input, output, errors
and what host functions take and return. Sixteen bytes before each block are its capacity, its length, a mark that says
whether it is in use, and the next free block. Byte-wise access stays inside WebAssembly, which keeps it quick.
"""

from __future__ import annotations

#: Pages of 64 KiB that the memory begins with; Helm's has as many, so no smaller limit can be met.
PAGES = 16
MODULE = "extism:host/env"

_LIVE, _FREE = 0x6C697665, 0x66726565

TEXT = f"""
(module
  (memory (export "memory") {PAGES})
  (global $top (mut i32) (i32.const 64))
  (global $idle (mut i32) (i32.const 0))
  (global $input (mut i64) (i64.const 0))
  (global $input_size (mut i64) (i64.const 0))
  (global $output (mut i64) (i64.const 0))
  (global $output_size (mut i64) (i64.const 0))
  (global $error (mut i64) (i64.const 0))
  (func $is_live (param $at i64) (result i32)
    (if (result i32) (i32.or (i64.lt_u (local.get $at) (i64.const 80))
                             (i64.gt_u (local.get $at) (i64.extend_i32_u (global.get $top))))
      (then (i32.const 0))
      (else (i32.eq (i32.load (i32.sub (i32.wrap_i64 (local.get $at)) (i32.const 8))) (i32.const {_LIVE})))))
  (func $fits (param $end i64) (result i32) (local $have i64)
    (local.set $have (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 65536)))
    (if (i64.le_u (local.get $end) (local.get $have)) (then (return (i32.const 1))))
    (if (i64.gt_u (local.get $end) (i64.const 0xffff0000)) (then (return (i32.const 0))))
    (i32.ne (i32.const -1) (memory.grow (i32.wrap_i64
      (i64.shr_u (i64.add (i64.sub (local.get $end) (local.get $have)) (i64.const 65535)) (i64.const 16))))))
  (func $alloc (export "alloc") (param $size i64) (result i64) (local $before i32) (local $at i32) (local $need i64)
    (if (i64.eqz (local.get $size)) (then (return (i64.const 0))))
    (if (i64.gt_u (local.get $size) (i64.const 0xffff0000)) (then (return (i64.const 0))))
    (local.set $at (global.get $idle))
    (block $none (loop $again
      (br_if $none (i32.eqz (local.get $at)))
      (if (i64.ge_u (i64.extend_i32_u (i32.load (i32.sub (local.get $at) (i32.const 16)))) (local.get $size))
        (then
          (if (local.get $before)
            (then (i32.store (i32.sub (local.get $before) (i32.const 4))
                             (i32.load (i32.sub (local.get $at) (i32.const 4)))))
            (else (global.set $idle (i32.load (i32.sub (local.get $at) (i32.const 4))))))
          (i32.store (i32.sub (local.get $at) (i32.const 12)) (i32.wrap_i64 (local.get $size)))
          (i32.store (i32.sub (local.get $at) (i32.const 8)) (i32.const {_LIVE}))
          (return (i64.extend_i32_u (local.get $at)))))
      (local.set $before (local.get $at))
      (local.set $at (i32.load (i32.sub (local.get $at) (i32.const 4))))
      (br $again)))
    (local.set $need (i64.and (i64.add (local.get $size) (i64.const 7)) (i64.const -8)))
    (local.set $at (i32.add (global.get $top) (i32.const 16)))
    (if (i32.eqz (call $fits (i64.add (i64.extend_i32_u (local.get $at)) (local.get $need))))
      (then (return (i64.const 0))))
    (i32.store (i32.sub (local.get $at) (i32.const 16)) (i32.wrap_i64 (local.get $need)))
    (i32.store (i32.sub (local.get $at) (i32.const 12)) (i32.wrap_i64 (local.get $size)))
    (i32.store (i32.sub (local.get $at) (i32.const 8)) (i32.const {_LIVE}))
    (global.set $top (i32.add (local.get $at) (i32.wrap_i64 (local.get $need))))
    (i64.extend_i32_u (local.get $at)))
  (func (export "free") (param $at i64) (local $block i32)
    (if (i32.eqz (call $is_live (local.get $at))) (then (return)))
    (local.set $block (i32.wrap_i64 (local.get $at)))
    (i32.store (i32.sub (local.get $block) (i32.const 8)) (i32.const {_FREE}))
    (i32.store (i32.sub (local.get $block) (i32.const 4)) (global.get $idle))
    (global.set $idle (local.get $block)))
  (func $length (export "length") (param $at i64) (result i64)
    (if (result i64) (call $is_live (local.get $at))
      (then (i64.load32_u (i32.sub (i32.wrap_i64 (local.get $at)) (i32.const 12))))
      (else (i64.const 0))))
  (func (export "length_unsafe") (param $at i64) (result i64) (call $length (local.get $at)))
  (func (export "load_u8") (param $at i64) (result i32) (i32.load8_u (i32.wrap_i64 (local.get $at))))
  (func (export "load_u64") (param $at i64) (result i64) (i64.load (i32.wrap_i64 (local.get $at))))
  (func (export "store_u8") (param $at i64) (param $value i32)
    (i32.store8 (i32.wrap_i64 (local.get $at)) (local.get $value)))
  (func (export "store_u64") (param $at i64) (param $value i64)
    (i64.store (i32.wrap_i64 (local.get $at)) (local.get $value)))
  (func (export "input_load_u8") (param $at i64) (result i32)
    (if (result i32) (i64.ge_u (local.get $at) (global.get $input_size))
      (then (i32.const 0))
      (else (i32.load8_u (i32.wrap_i64 (i64.add (global.get $input) (local.get $at)))))))
  (func (export "input_load_u64") (param $at i64) (result i64)
    (i64.load (i32.wrap_i64 (i64.add (global.get $input) (local.get $at)))))
  (func (export "input_set") (param $at i64) (param $size i64)
    (global.set $input (local.get $at)) (global.set $input_size (local.get $size)))
  (func (export "output_set") (param $at i64) (param $size i64)
    (global.set $output (local.get $at)) (global.set $output_size (local.get $size)))
  (func (export "input_offset") (result i64) (global.get $input))
  (func (export "input_length") (result i64) (global.get $input_size))
  (func (export "output_offset") (result i64) (global.get $output))
  (func (export "output_length") (result i64) (global.get $output_size))
  (func (export "error_set") (param $at i64) (global.set $error (local.get $at)))
  (func (export "error_get") (result i64) (global.get $error))
  (func (export "memory_bytes") (result i64) (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 65536)))
  (func (export "reset")
    (global.set $top (i32.const 64)) (global.set $idle (i32.const 0)) (global.set $error (i64.const 0))
    (global.set $input (i64.const 0)) (global.set $input_size (i64.const 0))
    (global.set $output (i64.const 0)) (global.set $output_size (i64.const 0)))
)
"""
