"""What the machine can do at most, measured in the same run as what is claimed."""

import platform
import time
from pathlib import Path

import torch


def describe() -> str:
    """Return processor, threads and versions in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{model}, {torch.get_num_threads()} threads, torch {torch.__version__}"


def matmul_gflops(dtype: torch.dtype, n: int = 2048, repeats: int = 5) -> float:
    """Return the best of several matrix products, in GFLOP/s."""
    a, b = torch.randn(n, n).to(dtype), torch.randn(n, n).to(dtype)
    a @ b
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * n**3 / min(seconds) / 1e9


def bandwidth_gbytes(n_bytes: int = 256_000_000, repeats: int = 5) -> float:
    """Return the best of several copies in memory, bytes read and written, in GB/s."""
    source = torch.ones(n_bytes, dtype=torch.uint8)
    target = torch.empty_like(source)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        target.copy_(source)
        seconds.append(time.perf_counter() - start)
    return 2 * n_bytes / min(seconds) / 1e9
