"""Arrays and tensors of whatever library, brought to this machine's memory as NumPy arrays."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from .errors import ReseedError

Array = npt.NDArray[Any]

#: Those that NumPy does not have are widened, which changes no value.
_WIDENED = np.dtype(np.float32)


def is_tensor(value: object) -> bool:
    """Of PyTorch, whose package need not be there."""
    return any(kind.__module__ == "torch" and kind.__name__ == "Tensor" for kind in type(value).__mro__)


def is_array(value: object) -> TypeGuard[Any]:
    """A tensor, or what NumPy makes an array of: its own, and those of JAX and others."""
    return is_tensor(value) or isinstance(value, np.ndarray) or (hasattr(value, "__array__") and hasattr(value, "shape"))


def dtype_of(value: Any, where: str) -> np.dtype[Any]:
    """The type that `host` gives it."""
    name = str(value.dtype).removeprefix("torch.")
    if name.startswith(("bfloat16", "float8_", "float6_", "float4_")):
        return _WIDENED
    try:
        dtype = np.dtype(name if is_tensor(value) else value.dtype)
    except TypeError:
        raise _not_numbers(where, name) from None
    if dtype.kind not in "fiub":
        raise _not_numbers(where, name)
    if dtype.kind == "f" and dtype.itemsize > 8:
        return np.dtype(np.float64)
    return dtype.newbyteorder("<") if dtype.byteorder == ">" else dtype


def host(value: Any, where: str) -> Array:
    """Its values in memory: no copy of what is there already. Raises ReseedError for tensors without values."""
    dtype = dtype_of(value, where)
    if not is_tensor(value):
        return np.asarray(value).astype(dtype, copy=False)
    require_values(value, where)
    tensor = value.detach()
    if hasattr(tensor, "full_tensor"):
        tensor = tensor.full_tensor()
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.to_dense()
    tensor = tensor.to("cpu")
    if dtype == _WIDENED and str(tensor.dtype) != "torch.float32":
        tensor = tensor.float()
    array: Array = tensor.resolve_neg().numpy()
    return array


def require_values(value: Any, where: str) -> None:
    if is_tensor(value) and str(getattr(value, "device", "")) == "meta":
        raise ReseedError(
            "input.format",
            "it has no values",
            field=where,
            found="a tensor on the meta device",
            expected="weights or activations that were loaded",
        )


def _not_numbers(where: str, name: str) -> ReseedError:
    return ReseedError("input.format", "it does not hold real numbers", field=where, found=name, expected="floats or integers")
