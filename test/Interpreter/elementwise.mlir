// RUN: dorefa-interpret %s | FileCheck %s

// One IEEE operation each: no contraction of a product and a sum.
// CHECK-LABEL: @arithmetic
// CHECK-NEXT:    = [0.00048828125]
// CHECK-NEXT:    = [0.00048834085
// CHECK-NEXT:    = [0.0333333351, inf, nan]
// CHECK-NEXT:    = [-0, nan, -inf]
func.func @arithmetic() -> (tensor<1xf32>, tensor<1xf32>, tensor<3xf32>, tensor<3xf32>) {
  %x = arith.constant dense<1.000244140625> : tensor<1xf32>
  %minus = arith.constant dense<-1.0> : tensor<1xf32>
  %product = arith.mulf %x, %x : tensor<1xf32>
  %sum = arith.addf %product, %minus : tensor<1xf32>
  %fused = math.fma %x, %x, %minus : tensor<1xf32>
  %a = arith.constant dense<[0.1, 1.0, 0.0]> : tensor<3xf32>
  %b = arith.constant dense<[3.0, 0.0, 0.0]> : tensor<3xf32>
  %quotient = arith.divf %a, %b : tensor<3xf32>
  %c = arith.constant dense<[0.0, 0x7F800000, 0x7F800000]> : tensor<3xf32>
  %d = arith.constant dense<[0.0, 0x7F800000, 0.0]> : tensor<3xf32>
  %difference = arith.subf %c, %d : tensor<3xf32>
  %negated = arith.negf %difference : tensor<3xf32>
  return %sum, %fused, %quotient, %negated
    : tensor<1xf32>, tensor<1xf32>, tensor<3xf32>, tensor<3xf32>
}

// Maximum and minimum keep NaN and know the sign of zero.
// CHECK-LABEL: @maximum_minimum
// CHECK-NEXT:    = [nan, nan, 0, 0, 2]
// CHECK-NEXT:    = [nan, nan, -0, -0, 1]
func.func @maximum_minimum() -> (tensor<5xf32>, tensor<5xf32>) {
  %a = arith.constant dense<[0x7FC00000, 1.0, -0.0, 0.0, 1.0]> : tensor<5xf32>
  %b = arith.constant dense<[1.0, 0x7FC00000, 0.0, -0.0, 2.0]> : tensor<5xf32>
  %max = arith.maximumf %a, %b : tensor<5xf32>
  %min = arith.minimumf %a, %b : tensor<5xf32>
  return %max, %min : tensor<5xf32>, tensor<5xf32>
}

// CHECK-LABEL: @rounding
// CHECK-NEXT:    = [-2, -2, -0, 0, 2, 2, inf, 8388609]
// CHECK-NEXT:    = [-3, -2, -1, 0, 1, 2, inf, 8388609]
// CHECK-NEXT:    = [-2, -1, -0, 1, 2, 3, inf, 8388609]
// CHECK-NEXT:    = [-2, -1, -0, 0, 1, 2, inf, 8388609]
// CHECK-NEXT:    = [-3, -2, -1, 1, 2, 3, inf, 8388609]
// CHECK-NEXT:    = [2.5, 1.5, 0.5, 0.5, 1.5, 2.5, inf, 8388609]
func.func @rounding() -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>,
                          tensor<8xf32>, tensor<8xf32>) {
  %x = arith.constant dense<[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0x7F800000, 8388609.0]> : tensor<8xf32>
  %even = math.roundeven %x : tensor<8xf32>
  %floor = math.floor %x : tensor<8xf32>
  %ceil = math.ceil %x : tensor<8xf32>
  %trunc = math.trunc %x : tensor<8xf32>
  %away = math.round %x : tensor<8xf32>
  %abs = math.absf %x : tensor<8xf32>
  return %even, %floor, %ceil, %trunc, %away, %abs
    : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: @functions
// CHECK-NEXT:    = [2.71828175, 0.0820849985, 1.34985888]
// CHECK-NEXT:    = [0.761594176, -0.986614287, 0.291312635]
// CHECK-NEXT:    = [0.842700779, -0.999593019, 0.328626782]
// CHECK-NEXT:    = [0.731058598, 0.0758581832, 0.574442506]
// CHECK-NEXT:    = [0, nan, -1.20397282]
// CHECK-NEXT:    = [1, nan, 0.0492950343]
// CHECK-NEXT:    = [1, nan, 0.547722578]
func.func @functions() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
                           tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %x = arith.constant dense<[1.0, -2.5, 0.3]> : tensor<3xf32>
  %p = arith.constant dense<2.5> : tensor<3xf32>
  %exp = math.exp %x : tensor<3xf32>
  %tanh = math.tanh %x : tensor<3xf32>
  %erf = math.erf %x : tensor<3xf32>
  %sigmoid = dorefa.sigmoid %x : tensor<3xf32>
  %log = math.log %x : tensor<3xf32>
  %pow = math.powf %x, %p : tensor<3xf32>
  %sqrt = math.sqrt %x : tensor<3xf32>
  return %exp, %tanh, %erf, %sigmoid, %log, %pow, %sqrt
    : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>,
      tensor<3xf32>
}

// CHECK-LABEL: @comparisons
// CHECK-NEXT:    = [0, 1, 1, 0, 0]
// CHECK-NEXT:    = [0, 0, 0, 1, 1]
// CHECK-NEXT:    = [3, 1, 0, 1, 1]
func.func @comparisons() -> (tensor<5xi1>, tensor<5xi1>, tensor<5xf32>) {
  %a = arith.constant dense<[1.0, 1.0, -0.0, 3.0, 0x7FC00000]> : tensor<5xf32>
  %b = arith.constant dense<[3.0, 1.0, 0.0, 1.0, 1.0]> : tensor<5xf32>
  %equal = arith.cmpf oeq, %a, %b : tensor<5xf32>
  %greater_or_nan = arith.cmpf ugt, %a, %b : tensor<5xf32>
  %less = arith.cmpf olt, %a, %b : tensor<5xf32>
  %selected = arith.select %less, %a, %b : tensor<5xi1>, tensor<5xf32>
  %swapped = arith.select %less, %b, %selected : tensor<5xi1>, tensor<5xf32>
  return %equal, %greater_or_nan, %swapped : tensor<5xi1>, tensor<5xi1>, tensor<5xf32>
}

// Integers have the width of their type.
// CHECK-LABEL: @integers
// CHECK-NEXT:    = [-56, 100, -128]
// CHECK-NEXT:    = [3, -3, 0]
// CHECK-NEXT:    = [127, 100, 0]
// CHECK-NEXT:    = [-56, -56, -1]
// CHECK-NEXT:    = [0, 0, 1]
// CHECK-NEXT:    = [-2, 0, 64]
func.func @integers() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>,
                          tensor<3xi1>, tensor<3xi8>) {
  %a = arith.constant dense<[100, 50, 127]> : tensor<3xi8>
  %b = arith.constant dense<[100, 50, 1]> : tensor<3xi8>
  %sum = arith.addi %a, %b : tensor<3xi8>
  %c = arith.constant dense<[7, -7, 7]> : tensor<3xi8>
  %d = arith.constant dense<[2, 2, 0]> : tensor<3xi8>
  %quotient = arith.divsi %c, %d : tensor<3xi8>
  %e = arith.constant dense<[127, 100, -1]> : tensor<3xi8>
  %f = arith.constant dense<[-56, -56, 0]> : tensor<3xi8>
  %larger = arith.maxsi %e, %f : tensor<3xi8>
  %larger_bits = arith.maxui %e, %f : tensor<3xi8>
  %more = arith.cmpi sge, %a, %b : tensor<3xi8>
  %fewer = arith.cmpi ult, %f, %e : tensor<3xi8>
  %flags = arith.cmpi eq, %more, %fewer : tensor<3xi1>
  %g = arith.constant dense<[-1, -1, 127]> : tensor<3xi8>
  %h = arith.constant dense<[1, 8, 1]> : tensor<3xi8>
  %left = arith.shli %g, %h : tensor<3xi8>
  %low = arith.constant dense<[-1, -1, 64]> : tensor<3xi8>
  %shifted = arith.andi %left, %low : tensor<3xi8>
  return %sum, %quotient, %larger, %larger_bits, %flags, %shifted
    : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi1>, tensor<3xi8>
}

// CHECK-LABEL: @conversions
// CHECK-NEXT:    = [-56, 1]
// CHECK-NEXT:    = [200, 1]
// CHECK-NEXT:    = [1, 0]
// CHECK-NEXT:    = [-1, 0]
// CHECK-NEXT:    = [16777216, -2.14748365e+09]
// CHECK-NEXT:    = [127, -128, 0, -3]
// CHECK-NEXT:    = [-1, 0, 0, 3]
// CHECK-NEXT:    = [-56, 1]
// CHECK-NEXT:    = [200, 1]
// CHECK-NEXT:    = [0, -1]
func.func @conversions() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
                             tensor<2xf32>, tensor<4xi8>, tensor<4xi8>, tensor<2xi32>,
                             tensor<2xi32>, tensor<2xi8>) {
  %q = arith.constant dense<[-56, 1]> : tensor<2xi8>
  %flag = arith.constant dense<[true, false]> : tensor<2xi1>
  %large = arith.constant dense<[16777217, -2147483647]> : tensor<2xi32>
  %real = arith.constant dense<[1.0e9, -1.0e9, 0x7FC00000, -3.9]> : tensor<4xf32>
  %positive = arith.constant dense<[1.0e9, -1.0e9, 0x7FC00000, 3.9]> : tensor<4xf32>
  %0 = arith.sitofp %q : tensor<2xi8> to tensor<2xf32>
  %1 = arith.uitofp %q : tensor<2xi8> to tensor<2xf32>
  %2 = arith.uitofp %flag : tensor<2xi1> to tensor<2xf32>
  %3 = arith.sitofp %flag : tensor<2xi1> to tensor<2xf32>
  %4 = arith.sitofp %large : tensor<2xi32> to tensor<2xf32>
  %5 = arith.fptosi %real : tensor<4xf32> to tensor<4xi8>
  %6 = arith.fptoui %positive : tensor<4xf32> to tensor<4xi8>
  %7 = arith.extsi %q : tensor<2xi8> to tensor<2xi32>
  %8 = arith.extui %q : tensor<2xi8> to tensor<2xi32>
  %wide = arith.constant dense<[512, 255]> : tensor<2xi32>
  %9 = arith.trunci %wide : tensor<2xi32> to tensor<2xi8>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9
    : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<4xi8>,
      tensor<4xi8>, tensor<2xi32>, tensor<2xi32>, tensor<2xi8>
}

// An op on code tensors works on the bits of their storage: u8 codes need the
// unsigned maximum.
// CHECK-LABEL: @clip_of_codes
// CHECK-NEXT:    = [200, 100, 255]
// CHECK-NEXT:    = [100, 100, 100]
func.func @clip_of_codes() -> (tensor<3xi8, #dorefa.code<u8>>, tensor<3xi8, #dorefa.code<u8>>) {
  %q = arith.constant dense<[-56, 7, -1]> : tensor<3xi8, #dorefa.code<u8>>
  %bound = arith.constant dense<100> : tensor<3xi8, #dorefa.code<u8>>
  %unsigned = arith.maxui %q, %bound : tensor<3xi8, #dorefa.code<u8>>
  %signed = arith.maxsi %q, %bound : tensor<3xi8, #dorefa.code<u8>>
  return %unsigned, %signed : tensor<3xi8, #dorefa.code<u8>>, tensor<3xi8, #dorefa.code<u8>>
}
