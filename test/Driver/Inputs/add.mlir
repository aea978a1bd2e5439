// A network at the LLVM level: y = x + w, the weights packed by a copy.
module attributes {
  dorefa.model = "add", dorefa.batch = 0 : i64,
  dorefa.inputs = [{name = "x", type = tensor<1x4xf32>}],
  dorefa.outputs = [{name = "y", type = tensor<1x4xf32>}],
  dorefa.memory_bytes = 16 : i64, dorefa.workspace_bytes = 64 : i64,
  dorefa.live_bytes = 16 : i64, dorefa.temporary_bytes = 0 : i64
} {
  llvm.mlir.global private constant @reals(dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>) : !llvm.array<4 x f32>

  llvm.func @dorefa_pack(%memory: !llvm.ptr) {
    %from = llvm.mlir.addressof @reals : !llvm.ptr
    %bytes = llvm.mlir.constant(16 : i64) : i64
    "llvm.intr.memcpy"(%memory, %from, %bytes) <{isVolatile = false}> : (!llvm.ptr, !llvm.ptr, i64) -> ()
    llvm.return
  }

  llvm.func @dorefa_images(%memory: !llvm.ptr, %workspace: !llvm.ptr, %inputs: !llvm.ptr, %outputs: !llvm.ptr, %images: i64, %executor: !llvm.ptr) {
    %x = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
    %y = llvm.load %outputs : !llvm.ptr -> !llvm.ptr
    %a = llvm.load %x {alignment = 4 : i64} : !llvm.ptr -> vector<4xf32>
    %w = llvm.load %memory {alignment = 16 : i64} : !llvm.ptr -> vector<4xf32>
    %sum = llvm.fadd %a, %w : vector<4xf32>
    llvm.store %sum, %y {alignment = 4 : i64} : vector<4xf32>, !llvm.ptr
    llvm.return
  }
}
