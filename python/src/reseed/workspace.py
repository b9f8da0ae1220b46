"""A temporary folder that is removed whatever happens."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from .errors import disk_error

#: A write that has no room says so without a name.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Workspace:
    """As a context: its `path` is a new folder, which is gone behind it. A disk that is full is a ReseedError."""

    path: Path

    def __enter__(self) -> Workspace:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="reseed-"))
        except OSError as error:
            raise disk_error(error, "make a temporary folder", tempfile.gettempdir()) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            shutil.rmtree(self.path, ignore_errors=True)
        except KeyboardInterrupt:
            shutil.rmtree(self.path, ignore_errors=True)
            raise
        # An iterator of activations may have failed for reasons of its own.
        if isinstance(error, OSError) and (error.errno in _FULL or str(error.filename or "").startswith(str(self.path))):
            raise disk_error(error, "write there", tempfile.gettempdir()) from error

    def folder(self, name: str) -> Path:
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path
