"""Writes safetensors, tensor by tensor: an SAE may be of several gigabytes, and is never held twice.

Eight bytes with the length of the header, the header as JSON {name: {dtype, shape, data_offsets}}, and the values.
Source: github.com/huggingface/safetensors, README, "Format".
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from .tensors import Array, dtype_of, host, require_values

_NAMES = {"f2": "F16", "f4": "F32", "f8": "F64", "b1": "BOOL"} | {
    f"{kind}{size}": f"{kind.upper()}{8 * size}" for kind in "iu" for size in (1, 2, 4, 8)
}
_CHUNK = 2**26


def write_safetensors(path: Path, tensors: Mapping[str, Any], where: str) -> None:
    """`where` names what they belong to, for errors: ReseedError for one without values, OSError of the disk."""
    header: dict[str, Any] = {}
    at = 0
    for name, tensor in tensors.items():
        require_values(tensor, f"{where}, {name}")
        dtype = dtype_of(tensor, f"{where}, {name}")
        shape = [int(length) for length in tensor.shape]
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        header[name] = {
            "dtype": _NAMES[f"{dtype.kind}{dtype.itemsize}"],
            "shape": shape,
            "data_offsets": [at, at + size],
        }
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name, tensor in tensors.items():
            write_values(file, host(tensor, f"{where}, {name}"))


def write_values(file: IO[bytes], array: Array) -> None:
    """In row-major order and little-endian; in pieces, so that it can be interrupted."""
    if array.size == 0:
        return
    values = np.ascontiguousarray(array)
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    view = little.reshape(-1).view(np.uint8).data
    for begin in range(0, len(view), _CHUNK):
        file.write(view[begin : begin + _CHUNK])
