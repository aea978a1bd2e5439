//===- Miscompile.h - errors that tests must find ---*- C++ -*-===//
//
// Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DOREFA_TEST_MISCOMPILE_H
#define DOREFA_TEST_MISCOMPILE_H

namespace mlir::dorefa::test {

/// Registers `dorefa-test-miscompile`.
void registerMiscompilePass();

} // namespace mlir::dorefa::test

#endif // DOREFA_TEST_MISCOMPILE_H
