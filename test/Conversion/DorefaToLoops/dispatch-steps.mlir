// RUN: dorefa-opt %s --dorefa-dispatch-steps --split-input-file --verify-diagnostics | FileCheck %s

// A step with work for threads goes to the runtime, with its pointers in an
// array; one without is called.
// CHECK-LABEL: llvm.func internal @step.conv.part(
// CHECK-SAME:    %[[SLOTS:.+]]: !llvm.ptr, %[[BEGIN:.+]]: i64, %[[END:.+]]: i64, %[[THREAD:.+]]: i64)
// CHECK:         %[[X:.+]] = llvm.load
// CHECK:         %[[Y:.+]] = llvm.load
// CHECK:         %[[TEMPORARY:.+]] = llvm.load
// CHECK:         %[[BYTES:.+]] = llvm.mlir.constant(192 : i64)
// CHECK:         %[[OFFSET:.+]] = llvm.mul %[[THREAD]], %[[BYTES]]
// CHECK:         %[[OWN:.+]] = llvm.getelementptr %[[TEMPORARY]][%[[OFFSET]]]
// CHECK:         llvm.call @step.conv(%[[X]], %[[Y]], %[[OWN]], %[[BEGIN]], %[[END]])
// CHECK-LABEL: llvm.func @step.conv(
// CHECK-NOT:     dorefa.work
// CHECK-LABEL: llvm.func @dorefa_network(
// CHECK-SAME:    %{{[^:]+}}: !llvm.ptr, %{{[^:]+}}: !llvm.ptr, %[[X:[^:]+]]: !llvm.ptr, %[[EXECUTOR:[^:]+]]: !llvm.ptr)
// CHECK:         %[[SLOTS:.+]] = llvm.alloca
// CHECK:         llvm.call @step.pack(
// CHECK:         %[[SLOT:.+]] = llvm.getelementptr %[[SLOTS]][0]
// CHECK:         llvm.store %[[X]], %[[SLOT]]
// CHECK:         %[[PART:.+]] = llvm.mlir.addressof @step.conv.part
// CHECK:         %[[ITEMS:.+]] = llvm.mlir.constant(56 : i64)
// CHECK:         %[[LEAST:.+]] = llvm.mlir.constant(4 : i64)
// CHECK:         llvm.call @dorefa_artifact_run_step(%[[EXECUTOR]], %[[PART]], %[[SLOTS]], %[[ITEMS]], %[[LEAST]])
// CHECK-NOT:     @step.conv(
// CHECK:         llvm.return
module attributes {dorefa.temporary_bytes = 192 : i64} {
  llvm.func @step.pack(%x: !llvm.ptr, %y: !llvm.ptr) {
    llvm.return
  }
  llvm.func @step.conv(%x: !llvm.ptr, %y: !llvm.ptr, %temporary: !llvm.ptr, %begin: i64, %end: i64)
      attributes {dorefa.work = {items = 56 : i64, least = 4 : i64, temporary = 2 : i64}} {
    llvm.return
  }
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr, %x: !llvm.ptr) {
    %begin = llvm.mlir.constant(0 : i64) : i64
    %end = llvm.mlir.constant(56 : i64) : i64
    llvm.call @step.pack(%x, %workspace) : (!llvm.ptr, !llvm.ptr) -> ()
    llvm.call @step.conv(%x, %memory, %workspace, %begin, %end) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64) -> ()
    llvm.return
  }
}

// -----

// The number of images of a group is in the array too.
// CHECK-LABEL: llvm.func internal @step.dense.part(
// CHECK:         %[[IMAGES:.+]] = llvm.load %{{.+}} : !llvm.ptr -> i64
// CHECK:         llvm.call @step.dense(%{{.+}}, %[[IMAGES]], %
// CHECK-LABEL: llvm.func @dorefa_network(
// CHECK-SAME:    %[[IMAGES:[^:]+]]: i64, %[[EXECUTOR:[^:]+]]: !llvm.ptr)
// CHECK:         llvm.store %[[IMAGES]], %{{.+}} : i64, !llvm.ptr
// CHECK:         llvm.call @dorefa_artifact_run_step(%[[EXECUTOR]]
module attributes {dorefa.temporary_bytes = 0 : i64} {
  llvm.func @step.dense(%x: !llvm.ptr, %images: i64, %begin: i64, %end: i64)
      attributes {dorefa.work = {items = 8 : i64, least = 1 : i64}} {
    llvm.return
  }
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr, %images: i64) {
    %begin = llvm.mlir.constant(0 : i64) : i64
    %end = llvm.mlir.constant(8 : i64) : i64
    llvm.call @step.dense(%workspace, %images, %begin, %end) : (!llvm.ptr, i64, i64, i64) -> ()
    llvm.return
  }
}

// -----

// expected-error @below {{expected 'dorefa_network' and the attribute 'dorefa.temporary_bytes' that the conversion to loops gives}}
module {
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr) {
    llvm.return
  }
}

// -----

module attributes {dorefa.temporary_bytes = 0 : i64} {
  // expected-error @below {{expected 'dorefa.work' to have a positive 'least'}}
  llvm.func @step.conv(%x: !llvm.ptr, %begin: i64, %end: i64)
      attributes {dorefa.work = {items = 56 : i64}} {
    llvm.return
  }
  llvm.func @dorefa_network(%memory: !llvm.ptr, %workspace: !llvm.ptr) {
    %begin = llvm.mlir.constant(0 : i64) : i64
    %end = llvm.mlir.constant(56 : i64) : i64
    llvm.call @step.conv(%memory, %begin, %end) : (!llvm.ptr, i64, i64) -> ()
    llvm.return
  }
}
