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

// expected-error @below {{expected 'dorefa_network' with an executor as its last argument, as dorefa-dispatch-steps makes it}}
module {
  llvm.func @dorefa_network(%items: i64) {
    llvm.return
  }
}
