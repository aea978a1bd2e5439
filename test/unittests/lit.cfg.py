# lit configuration of the gtest programs: every program below the build's
# test/unittests whose name ends in Tests.

import os
import sys

import lit.formats

config.name = "DoReFa-Unit"
config.suffixes = []
config.test_source_root = config.dorefa_unittests_dir
config.test_exec_root = config.dorefa_unittests_dir
config.test_format = lit.formats.GoogleTest(".", "Tests")

if config.dorefa_sanitizers:
    sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))
    from sanitizer_options import SANITIZER_OPTIONS

    config.environment.update(SANITIZER_OPTIONS)
