"""Tables as DataFrames: of pandas where it is there, else of polars, or of the one that is asked for."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .errors import ReseedError

Frames = Literal["pandas", "polars"]


def frame_of(columns: Mapping[str, Sequence[Any]], frames: Frames | None = None) -> Any:
    """A DataFrame of lists of one length."""
    return _library(frames, parquet=False).DataFrame(dict(columns))


def read_parquet(content: bytes, frames: Frames | None = None) -> Any:
    return _library(frames, parquet=True).read_parquet(io.BytesIO(content))


def _library(frames: Frames | None, *, parquet: bool) -> Any:
    if frames not in (None, "pandas", "polars"):
        raise ReseedError(
            "usage.argument",
            "it makes no DataFrames",
            field="frames",
            found=repr(frames),
            expected="'pandas' or 'polars'",
        )
    if frames != "polars":
        try:
            import pandas

            if parquet:
                import pyarrow  # noqa: F401
            return pandas
        except ImportError:
            pass
    if frames != "pandas":
        try:
            import polars

            return polars
        except ImportError:
            pass
    wanted = "pandas with pyarrow, or polars" if frames is None else "pandas with pyarrow" if frames == "pandas" else frames
    raise ReseedError("usage.argument", "a DataFrame needs a package that is not installed", field="frames", expected=wanted)
