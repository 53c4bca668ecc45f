"""The offer to keep freed memory."""

import platform
import subprocess
import sys

import pytest

import dlboi

COUNT_FAULTS = """
import resource, sys
import torch
import dlboi
if sys.argv[1] == "keep":
    assert dlboi.keep_freed_memory()
def touch(n):
    for _ in range(n):
        blocks = [torch.ones(5_000_000) for _ in range(4)]
        del blocks
touch(5)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
touch(20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc takes the setting")
def test_freed_memory_is_used_again():
    def count_faults(mode):
        command = [sys.executable, "-c", COUNT_FAULTS, mode]
        return int(subprocess.run(command, check=True, capture_output=True).stdout)

    assert count_faults("keep") < 0.1 * count_faults("leave")


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert dlboi.keep_freed_memory() is False
