// RUN: dorefa-interpret %s --function write -o %t.npz
// RUN: dorefa-interpret %s --function read --inputs %t.npz | FileCheck %s --check-prefix=READ
// RUN: dorefa-interpret %s --function images --inputs %t.npz --taps %t.taps.npz | FileCheck %s --check-prefix=IMAGES
// RUN: dorefa-interpret %s --function taps --inputs %t.taps.npz | FileCheck %s --check-prefix=TAPS
// RUN: not dorefa-interpret %s --function wrong_shape --inputs %t.npz 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not dorefa-interpret %s --function wrong_value --inputs %t.npz 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not dorefa-interpret %s --function wrong_name --inputs %t.npz 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not dorefa-interpret %s --function write -o %t.npy 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: dorefa-interpret %s --function one -o %t.npy
// RUN: dorefa-interpret %s --function any_name --inputs %t.npy | FileCheck %s --check-prefix=ANY
// RUN: dorefa-interpret %s --function ones --inputs %t.npz | FileCheck %s --check-prefix=ONES
// RUN: not dorefa-interpret %s --function one -o %t.txt 2>&1 | FileCheck %s --check-prefix=SUFFIX
// RUN: not dorefa-interpret %s --function one --taps %t.npy 2>&1 | FileCheck %s --check-prefix=TAPS-SUFFIX
// RUN: not dorefa-interpret %s --function one -o %t/no/file.npz 2>&1 | FileCheck %s --check-prefix=FOLDER
// RUN: not dorefa-interpret %s --foo 2>&1 | FileCheck %s --check-prefix=OPTION

func.func @write() -> (tensor<2x3xf32> {dorefa.name = "x"}, tensor<2xi8, #dorefa.code<u8>> {dorefa.name = "q"},
                       tensor<2xi64> {dorefa.name = "n"}, tensor<3xi1>) {
  %x = arith.constant dense<[[1.5, -0.0, 0x7F800000], [0x7FC00000, 3.0, 1.0e-45]]> : tensor<2x3xf32>
  %q = arith.constant dense<[-1, 1]> : tensor<2xi8, #dorefa.code<u8>>
  %n = arith.constant dense<[-9000000000, 1]> : tensor<2xi64>
  %b = arith.constant dense<[true, false, true]> : tensor<3xi1>
  return %x, %q, %n, %b : tensor<2x3xf32>, tensor<2xi8, #dorefa.code<u8>>, tensor<2xi64>, tensor<3xi1>
}

// READ:      x1 : tensor<2x3xf32> = [1.5, -0, inf, nan, 3, 1.40129846e-45]
// READ-NEXT: = [255, 1]
// READ-NEXT: = [-9000000000, 1]
// READ-NEXT: = [1, 0, 1]
func.func @read(%x: tensor<2x3xf32> {dorefa.name = "x"}, %q: tensor<2xi8, #dorefa.code<u8>> {dorefa.name = "q"},
                %n: tensor<2xi64> {dorefa.name = "n"}, %b: tensor<3xi1> {dorefa.name = "output3"})
    -> (tensor<2x3xf32> {dorefa.name = "x1"}, tensor<2xi8, #dorefa.code<u8>>, tensor<2xi64>, tensor<3xi1>) {
  return %x, %q, %n, %b : tensor<2x3xf32>, tensor<2xi8, #dorefa.code<u8>>, tensor<2xi64>, tensor<3xi1>
}

// A function of one image runs once for each; codes by name are joined.
// IMAGES: tensor<2x1xi64> = [2, 0]
func.func @images(%x: tensor<1x3xf32> {dorefa.name = "x"}) -> tensor<1x1xi64> {
  %q = dorefa.quantize half_even %x {dorefa.value = "layer/codes"}
    : tensor<1x3xf32> to tensor<1x3xi8, #dorefa.code<s2>>
  %i = dorefa.arg_max %x axis 1 : tensor<1x3xf32> to tensor<1x1xi64>
  return %i : tensor<1x1xi64>
}

// TAPS: = [1, 0, 1, -2, 1, 0]
func.func @taps(%q: tensor<2x3xi8, #dorefa.code<s2>> {dorefa.name = "layer/codes"}) -> tensor<2x3xi8, #dorefa.code<s2>> {
  return %q : tensor<2x3xi8, #dorefa.code<s2>>
}

// SHAPE: error: {{.*}}: input 'x' expected float32[2, 2], but got float32[2, 3]
func.func @wrong_shape(%x: tensor<2x2xf32> {dorefa.name = "x"}) -> tensor<2x2xf32> {
  return %x : tensor<2x2xf32>
}

// VALUE: error: {{.*}}'q': element 0 of uint8[2] has a value that int8 cannot hold
func.func @wrong_value(%q: tensor<2xi8> {dorefa.name = "q"}) -> tensor<2xi8> {
  return %q : tensor<2xi8>
}

// NAME: error: {{.*}}expected an array named 'y'
func.func @wrong_name(%x: tensor<2x3xf32> {dorefa.name = "y"}) -> tensor<2x3xf32> {
  return %x : tensor<2x3xf32>
}

// ONE: error: {{.*}}expected one tensor for a .npy file, but got 4

func.func @one() -> tensor<f32> {
  %x = arith.constant dense<2.5> : tensor<f32>
  return %x : tensor<f32>
}

// ANY: = [2.5]
func.func @any_name(%x: tensor<f32> {dorefa.name = "scale"}) -> tensor<f32> {
  return %x : tensor<f32>
}

// Extents of 1 may be missing, as for programs.
// ONES: tensor<2x1x3xf32> = [1.5, -0, inf, nan, 3, 1.40129846e-45]
func.func @ones(%x: tensor<1x1x3xf32> {dorefa.name = "x"}) -> tensor<1x1x3xf32> {
  return %x : tensor<1x1x3xf32>
}

// SUFFIX: error: unsupported output file '{{.*}}.txt': expected .npy or .npz
// TAPS-SUFFIX: error: unsupported output file '{{.*}}.npy': expected .npz
// FOLDER: error: {{.*}}/no/file.npz: cannot write: No such file or directory
// FOLDER-NOT: '@one'
// OPTION: {{^}}error: unknown command line argument '--foo': see --help
