// RUN: dorefa-opt %s --dorefa-add-entry-points --split-input-file --verify-diagnostics | FileCheck %s

// The image's function reads the pointers of inputs and outputs.
// CHECK-LABEL: llvm.func internal @dorefa_network(
// CHECK-LABEL: llvm.func internal @dorefa_prepare(
// CHECK-LABEL: llvm.func @dorefa_images(
// CHECK-SAME:    %[[MEMORY:.+]]: !llvm.ptr, %[[WORKSPACE:.+]]: !llvm.ptr, %[[INPUTS:.+]]: !llvm.ptr, %[[OUTPUTS:.+]]: !llvm.ptr, %[[IMAGES:.+]]: i64, %[[EXECUTOR:.+]]: !llvm.ptr)
// CHECK-NEXT:    %[[AT0:.+]] = llvm.getelementptr %[[INPUTS]][0]
// CHECK-NEXT:    %[[A:.+]] = llvm.load %[[AT0]]
// CHECK-NEXT:    %[[AT1:.+]] = llvm.getelementptr %[[INPUTS]][1]
// CHECK-NEXT:    %[[B:.+]] = llvm.load %[[AT1]]
// CHECK-NEXT:    %[[AT2:.+]] = llvm.getelementptr %[[OUTPUTS]][0]
// CHECK-NEXT:    %[[Y:.+]] = llvm.load %[[AT2]]
// CHECK-NEXT:    llvm.call @dorefa_network(%[[MEMORY]], %[[WORKSPACE]], %[[A]], %[[B]], %[[Y]], %[[EXECUTOR]])
// CHECK-LABEL: llvm.func @dorefa_pack(
// CHECK-SAME:    %[[MEMORY:.+]]: !llvm.ptr)
// CHECK-NEXT:    llvm.call @dorefa_prepare(%[[MEMORY]])
module attributes {dorefa.inputs = [{name = "a", type = tensor<4xf32>}, {name = "b", type = tensor<4xf32>}],
                   dorefa.outputs = [{name = "y", type = tensor<4xf32>}]} {
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr, %a: !llvm.ptr, %b: !llvm.ptr, %y: !llvm.ptr, %executor: !llvm.ptr) {
    llvm.return
  }
  llvm.func @dorefa_prepare(%memory: !llvm.ptr) {
    llvm.return
  }
}

// -----

// A network that computes groups of images gets their number.
// CHECK-LABEL: llvm.func @dorefa_images(
// CHECK-SAME:    %[[IMAGES:[^:]+]]: i64, %[[EXECUTOR:[^:]+]]: !llvm.ptr)
// CHECK:         llvm.call @dorefa_network(%{{.+}}, %[[IMAGES]], %[[EXECUTOR]])
module attributes {dorefa.group_images = 8 : i64, dorefa.inputs = [], dorefa.outputs = [{name = "y", type = tensor<4xf32>}]} {
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr, %y: !llvm.ptr, %images: i64, %executor: !llvm.ptr) {
    llvm.return
  }
  llvm.func @dorefa_prepare(%memory: !llvm.ptr) {
    llvm.return
  }
}

// -----

module attributes {dorefa.inputs = [], dorefa.outputs = [{name = "y", type = tensor<4xf32>}]} {
  // expected-error @below {{expected arguments for memory, workspace, each tensor, the images of a group if there are some, and an executor}}
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr, %executor: !llvm.ptr) {
    llvm.return
  }
  llvm.func @dorefa_prepare(%memory: !llvm.ptr) {
    llvm.return
  }
}

// -----

// expected-error @below {{expected 'dorefa_network', 'dorefa_prepare' and the attributes 'dorefa.inputs' and 'dorefa.outputs' that the conversion to loops gives}}
module {
  llvm.func @dorefa_prepare(%memory: !llvm.ptr) {
    llvm.return
  }
}
