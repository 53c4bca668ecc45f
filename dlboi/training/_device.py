"""Which device and which precision to compute with."""

import torch

from dlboi.exceptions import DeviceUnavailableError


def resolve_device(device: str) -> torch.device:
    """Return the device to compute on.

    Parameters
    ----------
    device : str
        ``"auto"`` (the first CUDA device, else the processor) or a name that torch knows, such as
        ``"cpu"`` or ``"cuda:1"``.

    Returns
    -------
    torch.device

    Raises
    ------
    DeviceUnavailableError
        torch does not know the name, this machine has no such device, or it cannot compute.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        resolved = torch.device(device)
        torch.ones(1, device=resolved).sum().item()
    except (RuntimeError, AssertionError, ImportError) as error:  # meta: NotImplementedError
        raise DeviceUnavailableError(
            "The 'device' parameter must name a device of this machine that computes. Got "
            f"{device!r} instead ({str(error).splitlines()[0]}). Use device='auto' or device='cpu'."
        ) from error
    return resolved


def resolve_precision(precision: str, device: torch.device) -> str:
    """Return the precision to compute in.

    Parameters
    ----------
    precision : {"float32", "bfloat16", "auto"}
        ``"auto"`` is bfloat16 where the device multiplies in it, else float32.
    device : torch.device
        Where to compute.

    Returns
    -------
    str
        ``"float32"`` or ``"bfloat16"``.
    """
    if precision != "auto":
        return precision
    return "bfloat16" if _has_bfloat16(device) else "float32"


def _has_bfloat16(device):
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16", "bf16"))
    return False
