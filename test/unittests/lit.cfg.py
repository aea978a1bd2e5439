# lit configuration of the gtest programs: every program below the build's
# test/unittests whose name ends in Tests.

import lit.formats

config.name = "DoReFa-Unit"
config.suffixes = []
config.test_source_root = config.dorefa_unittests_dir
config.test_exec_root = config.dorefa_unittests_dir
config.test_format = lit.formats.GoogleTest(".", "Tests")

if config.dorefa_sanitizers:
    # The packaged libraries are not instrumented: what crosses their border
    # looks like a container overflow, and what they keep like a leak.
    config.environment["ASAN_OPTIONS"] = (
        "detect_leaks=0:detect_container_overflow=0")
    config.environment["UBSAN_OPTIONS"] = (
        "halt_on_error=1:print_stacktrace=1")
