// RUN: not dorefa-interpret %s --function unknown_op 2>&1 | FileCheck %s --check-prefix=OP
// RUN: not dorefa-interpret %s --function large 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not dorefa-interpret %s --function f64 2>&1 | FileCheck %s --check-prefix=F64
// RUN: not dorefa-interpret %s --function outside 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: not dorefa-interpret %s --function wide_sum 2>&1 | FileCheck %s --check-prefix=SUM
// RUN: not dorefa-interpret %s --function accumulator 2>&1 | FileCheck %s --check-prefix=ACC
// RUN: not dorefa-interpret %s --function epilogue 2>&1 | FileCheck %s --check-prefix=EPILOGUE
// RUN: not dorefa-interpret %s --function external 2>&1 | FileCheck %s --check-prefix=EXTERNAL
// RUN: not dorefa-interpret %s --function argument 2>&1 | FileCheck %s --check-prefix=ARGUMENT
// RUN: not dorefa-interpret %s --function nothing 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not dorefa-interpret %s -o %t.npz 2>&1 | FileCheck %s --check-prefix=SEVERAL
// RUN: not dorefa-interpret %t.none.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not dorefa-interpret %s --function argument --inputs %t.none 2>&1 | FileCheck %s --check-prefix=INPUTS

// OP: errors.mlir:[[#@LINE+3]]:8: error: 'math.rsqrt' op unsupported by the interpreter
func.func @unknown_op() -> tensor<1xf32> {
  %x = arith.constant dense<1.0> : tensor<1xf32>
  %y = math.rsqrt %x : tensor<1xf32>
  return %y : tensor<1xf32>
}

// LARGE: error: unsupported by the interpreter: a value of type 'tensor<1000000x1000000xf32>'
func.func @large() -> tensor<1000000x1000000xf32> {
  %x = arith.constant dense<1.0> : tensor<1000000x1000000xf32>
  return %x : tensor<1000000x1000000xf32>
}

// F64: error: unsupported by the interpreter: a value of type 'tensor<1xf64>'
func.func @f64() -> tensor<1xf64> {
  %x = arith.constant dense<1.0> : tensor<1xf64>
  return %x : tensor<1xf64>
}

// OUTSIDE: error: 'dorefa.gather' op index 3 is outside the extent 3
func.func @outside() -> tensor<1xf32> {
  %x = arith.constant dense<[1., 2., 3.]> : tensor<3xf32>
  %i = arith.constant dense<3> : tensor<1xi64>
  %y = dorefa.gather %x, %i axis 0 : tensor<3xf32>, tensor<1xi64> to tensor<1xf32>
  return %y : tensor<1xf32>
}

// SUM: error: 'dorefa.matmul' op unsupported integer sum of more than 62 bits
func.func @wide_sum() -> tensor<1x1xf32> {
  %q = arith.constant dense<0> : tensor<1x2xi32, #dorefa.code<s32>>
  %p = arith.constant dense<0> : tensor<2x1xi32, #dorefa.code<s32>>
  %s = arith.constant dense<1.0> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<i32>
  %x = dorefa.dequantize %q, %s, %zero
    : tensor<1x2xi32, #dorefa.code<s32>>, tensor<f32>, tensor<i32> to tensor<1x2xf32>
  %w = dorefa.dequantize %p, %s, %zero
    : tensor<2x1xi32, #dorefa.code<s32>>, tensor<f32>, tensor<i32> to tensor<2x1xf32>
  %y = dorefa.matmul %x, %w : tensor<1x2xf32>, tensor<2x1xf32> to tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// ACC: error: 'dorefa.layer' op product 0: the sum 17179869180 does not fit an accumulator of type 'i32'
func.func @accumulator() -> tensor<1x1xi32> {
  %q = arith.constant dense<-1> : tensor<1x2xi32, #dorefa.code<u32>>
  %p = arith.constant dense<2> : tensor<1x2xi8, #dorefa.code<u2>>
  %y = dorefa.layer
      products [#dorefa.product<conv geometry <strides = [], pads = [], dilations = []>>]
      inputs(%q : tensor<1x2xi32, #dorefa.code<u32>>)
      weights(%p : tensor<1x2xi8, #dorefa.code<u2>>)
      epilogue {
      ^bb0(%d: i32):
        dorefa.yield %d : i32
      } -> tensor<1x1xi32>
  return %y : tensor<1x1xi32>
}

// EPILOGUE: error: 'math.rsqrt' op unsupported in an epilogue by the interpreter
func.func @epilogue() -> tensor<1x1xf32> {
  %x = arith.constant dense<1.0> : tensor<1x1xf32>
  %y = dorefa.layer
      products []
      residuals(%x : tensor<1x1xf32>)
      epilogue {
      ^bb0(%a: f32):
        %b = math.rsqrt %a : f32
        dorefa.yield %b : f32
      } -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// EXTERNAL: error: 'func.func' op expected a body of one block
func.func private @external()

// ARGUMENT: error: '{{.+}}' has arguments: give --inputs
// INPUTS: error: {{.*}}.none
func.func @argument(%x: tensor<1xf32>) -> tensor<1xf32> {
  return %x : tensor<1xf32>
}

// NAME: error: expected a function named nothing
// SEVERAL: error: has several functions: give --function to write files
// FILE: {{.*}}.none.mlir
