"""Devices and precisions by name."""

import pytest
import torch

from dlboi.exceptions import DeviceUnavailableError
from dlboi.training import resolve_device, resolve_precision

CPU = torch.device("cpu")


def test_auto_is_the_first_cuda_device_or_the_processor():
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert resolve_device("cpu") == CPU


@pytest.mark.parametrize("device", ["cuda:99", "gpu", "", "cpu:x", "meta", "mps", "fpga"])
def test_a_device_that_is_not_there_is_refused(device):
    with pytest.raises(DeviceUnavailableError, match=f"'device' parameter.*{device!r}.*'cpu'"):
        resolve_device(device)


def test_precisions():
    assert resolve_precision("float32", CPU) == "float32"
    assert resolve_precision("bfloat16", CPU) == "bfloat16"
    assert resolve_precision("auto", CPU) in ("float32", "bfloat16")


@pytest.mark.parametrize("capability", [True, False])
def test_auto_takes_bfloat16_where_the_processor_has_it(monkeypatch, capability):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": capability})
    assert resolve_precision("auto", CPU) == ("bfloat16" if capability else "float32")
