# Part of the DoReFa compiler, under the Apache License v2.0 with LLVM
# Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How tests run programs that are built with sanitizers: the environment of
lit, of the gtest programs and of pytest."""

SANITIZER_OPTIONS = {
    # The packaged libraries are not instrumented. A container that they fill
    # and we read looks like a container overflow; what they keep until the
    # end looks like a leak; an arena whose header poisons memory in our code
    # does not make it good again in theirs. An allocation that fails is a null
    # pointer, as without the sanitizer.
    "ASAN_OPTIONS": "detect_leaks=0:detect_container_overflow=0:"
                    "allow_user_poisoning=0:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
