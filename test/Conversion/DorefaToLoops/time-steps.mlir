// RUN: dorefa-opt %s --dorefa-time-steps --split-input-file --verify-diagnostics | FileCheck %s

// The executor hears of each step by its number, and of the end. No step gets the
// executor.
// CHECK-LABEL: llvm.func @dorefa_network(
// CHECK-SAME:    %[[X:[^:]+]]: !llvm.ptr, %[[EXECUTOR:[^:]+]]: !llvm.ptr)
// CHECK:         %[[SELF:.+]] = llvm.load
// CHECK:         %[[FUNCTION:.+]] = llvm.load
// CHECK:         %[[NULL:.+]] = llvm.mlir.zero
// CHECK:         %[[NONE:.+]] = llvm.mlir.constant(-1 : i64)
// CHECK:         llvm.call %[[FUNCTION]](%[[SELF]], %[[NULL]], %[[NULL]], %[[NONE]]) : !llvm.ptr,
// CHECK-NEXT:    llvm.call @step.pack(%[[X]])
// CHECK:         %[[THREE:.+]] = llvm.mlir.constant(3 : i64)
// CHECK:         llvm.call %[[FUNCTION]](%[[SELF]], %[[NULL]], %[[NULL]], %[[THREE]]) : !llvm.ptr,
// CHECK-NEXT:    llvm.call @dorefa_artifact_run_step(%[[NULL]], %[[X]])
// CHECK:         %[[END:.+]] = llvm.mlir.constant(-2 : i64)
// CHECK:         llvm.call %[[FUNCTION]](%[[SELF]], %[[NULL]], %[[NULL]], %[[END]]) : !llvm.ptr,
// CHECK-NEXT:    llvm.return
llvm.func @step.pack(!llvm.ptr)
llvm.func @dorefa_artifact_run_step(!llvm.ptr, !llvm.ptr)
llvm.func @dorefa_network(%x: !llvm.ptr, %executor: !llvm.ptr) {
  llvm.call @step.pack(%x) : (!llvm.ptr) -> ()
  llvm.call @dorefa_artifact_run_step(%executor, %x) : (!llvm.ptr, !llvm.ptr) -> () loc(fused<3 : index>["conv"])
  llvm.return
}

// -----

// Steps in a loop over the images of a group, and the number of these at the end.
// CHECK-LABEL: llvm.func @dorefa_network(
// CHECK-SAME:    %[[IMAGES:[^:]+]]: i64, %[[EXECUTOR:[^:]+]]: !llvm.ptr)
// CHECK:         llvm.br ^[[LOOP:.+]]
// CHECK:       ^[[LOOP]]:
// CHECK:         %[[SEVEN:.+]] = llvm.mlir.constant(7 : i64)
// CHECK:         llvm.call %{{.+}}(%{{.+}}, %[[SEVEN]]) : !llvm.ptr,
// CHECK-NEXT:    llvm.call @step.pack(
// CHECK:         %[[ONE:.+]] = llvm.mlir.constant(-1 : i64)
// CHECK:         %[[END:.+]] = llvm.sub %[[ONE]], %[[IMAGES]]
// CHECK:         llvm.call %{{.+}}(%{{.+}}, %[[END]]) : !llvm.ptr,
// CHECK-NEXT:    llvm.return
llvm.func @step.pack(!llvm.ptr)
llvm.func @dorefa_network(%x: !llvm.ptr, %images: i64, %executor: !llvm.ptr) {
  llvm.br ^loop
^loop:
  llvm.call @step.pack(%x) : (!llvm.ptr) -> () loc(fused<7 : index>["pack"])
  %done = llvm.mlir.constant(1 : i1) : i1
  llvm.cond_br %done, ^end, ^loop
^end:
  llvm.return
}

// -----

// expected-error @below {{expected 'dorefa_network' with an executor as its last argument, as dorefa-dispatch-steps makes it}}
module {
  llvm.func @dorefa_network(%items: i64) {
    llvm.return
  }
}
