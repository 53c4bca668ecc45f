"""The offer to keep freed memory."""

import platform
import subprocess
import sys

import pytest

import dlboi

MEASURE = """
import ctypes, sys
import torch
import dlboi

FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
library = ctypes.CDLL(None)
number, mallinfo = ctypes.c_size_t, getattr(library, "mallinfo2", None)
if mallinfo is None:  # glibc before 2.33
    number, mallinfo = ctypes.c_int, library.mallinfo

class Info(ctypes.Structure):
    _fields_ = [(field, number) for field in FIELDS]

mallinfo.restype = Info
if sys.argv[1] == "keep":
    assert dlboi.keep_freed_memory()
blocks = [torch.ones(5_000_000) for _ in range(4)]
mapped = mallinfo().hblkhd
del blocks
print(mapped, mallinfo().fordblks)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc takes the setting")
def test_freed_memory_is_kept_for_the_next_use():
    def measure(mode):
        command = [sys.executable, "-c", MEASURE, mode]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [int(number) for number in output.split()]

    n_bytes = 4 * 4 * 5_000_000
    mapped, free = measure("leave")  # each block is mapped for itself, and given back
    assert mapped >= n_bytes
    assert free < n_bytes
    mapped, free = measure("keep")
    assert mapped < n_bytes
    assert free >= n_bytes


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert dlboi.keep_freed_memory() is False
