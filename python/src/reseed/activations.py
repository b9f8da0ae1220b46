"""Activations as a path that the command line reads: what is a file already stays where it is, anything else is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from .errors import ReseedError
from .safetensors_file import write_values
from .tensors import Array, dtype_of, host, is_array, require_values
from .workspace import Workspace

#: A file of a folder of shards is ended beyond so many bytes.
_SHARD = 2**29
#: Rows are brought to memory in pieces of about so many bytes: a tensor may be on another device.
_PIECE = 2**26


def activations_argument(x: object, name: str, workspace: Workspace, where: str = "activations") -> str:
    """`x` is a path, an array or tensor [rows × d] or [batch × sequence × d], or an iterable of those.

    Raises ReseedError for what is none of these and for tensors without values.
    """
    if isinstance(x, (str, os.PathLike)):
        return os.path.abspath(os.fspath(x))
    mapped = _file_of(x)
    if mapped is not None:
        return mapped
    if is_array(x):
        with _Npy(workspace.path / f"{name}.npy") as file:
            file.append(x, where)
        return f"{name}.npy"
    if isinstance(x, Iterable) and not isinstance(x, (Mapping, bytes)):
        return _shards(x, workspace.folder(name), name, where)
    raise ReseedError(
        "usage.argument",
        "they are not activations",
        field=where,
        found=f"an object of {type(x).__name__}",
        expected="a path, an array or tensor [rows × d], or an iterable of batches of rows",
    )


def _shards(batches: Iterable[Any], folder: Path, name: str, where: str) -> str:
    file: _Npy | None = None
    count = 0
    try:
        for number, batch in enumerate(batches):
            at = f"{where}, batch {number}"
            rows = batch[0] if isinstance(batch, (tuple, list)) and len(batch) == 1 else batch
            if not is_array(rows) or len(rows.shape) < 2:
                raise ReseedError(
                    "input.shape",
                    "it is not a batch of rows",
                    field=at,
                    found=f"an array of {len(rows.shape)} dimensions"
                    if is_array(rows)
                    else f"an object of {type(rows).__name__}",
                    expected="an array or tensor [rows × d]",
                )
            if file is None or not file.takes(rows, at):
                if file is not None:
                    file.close()
                file = _Npy(folder / f"{count:05}.npy")
                count += 1
            file.append(rows, at)
    finally:
        if file is not None:
            file.close()
    if count == 0:
        raise ReseedError("input.shape", "there are none", field=where, found="an iterable that ends at once")
    return name


class _Npy:
    """A .npy file that grows along its first axis; the header is written when its length is known."""

    _HEADER = 128

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = open(path, "wb")  # noqa: SIM115
        self._file.write(b" " * self._HEADER)
        self._rows = 0
        self._row: tuple[int, ...] = ()
        self._dtype: np.dtype[Any] | None = None

    def __enter__(self) -> _Npy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def takes(self, batch: Any, where: str) -> bool:
        """Whether a batch may follow in this file."""
        same = tuple(batch.shape[1:]) == self._row and dtype_of(batch, where) == self._dtype
        return self._dtype is None or (same and self._file.tell() < _SHARD)

    def append(self, batch: Any, where: str) -> None:
        require_values(batch, where)
        if len(batch.shape) < 2:
            raise ReseedError(
                "input.shape",
                "activations have two dimensions, or three",
                field=where,
                found=f"an array of {len(batch.shape)}",
                expected="[rows x d] or [batch x sequence x d]",
            )
        self._dtype = dtype_of(batch, where)
        if self._dtype.kind == "b":
            raise ReseedError("input.format", "they are not activations", field=where, found="bool", expected="floats")
        rows, *row = (int(length) for length in batch.shape)
        self._row = tuple(row)
        size = max(1, int(np.prod(row, dtype=np.int64)) * self._dtype.itemsize)
        step = max(1, _PIECE // size)
        for begin in range(0, rows, step):
            write_values(self._file, host(batch[begin : begin + step], where))
        self._rows += rows

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            dtype = self._dtype or np.dtype(np.float32)
            shape = (self._rows, *self._row)
            text = repr({"descr": dtype.newbyteorder("<").str, "fortran_order": False, "shape": shape}).encode()
            length = self._HEADER - 10
            if len(text) < length:
                self._file.seek(0)
                header = text.ljust(length - 1) + b"\n"
                self._file.write(b"\x93NUMPY\x01\x00" + length.to_bytes(2, "little") + header)
        finally:
            self._file.close()


def _file_of(x: object) -> str | None:
    """The .npy file that all of an array is, as np.load(…, mmap_mode="r") gives it; None for a part of one and for others."""
    if not isinstance(x, np.memmap) or x.filename is None or x.mode == "c":
        return None
    path = os.fspath(x.filename)
    try:
        with open(path, "rb") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
            begin = file.tell()
    except (OSError, ValueError):
        return None
    whole: Array = np.memmap(path, dtype=dtype, mode="r", offset=begin, shape=shape, order="F" if fortran else "C")
    if x.shape != whole.shape or x.strides != whole.strides or x.dtype != whole.dtype:
        return None
    if x.mode != "r":
        x.flush()
    return os.path.abspath(path) if _begins_at(x, begin) else None


def _begins_at(x: np.memmap[Any, Any], begin: int) -> bool:
    """Whether its first value is the first of the file: of a part, NumPy keeps the offset of the whole."""
    base = x
    while isinstance(base.base, np.memmap):
        base = base.base
    return int(x.offset) == begin and x.__array_interface__["data"][0] == base.__array_interface__["data"][0]
