"""A temporary folder that is removed whatever happens."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from .errors import ReseedError, disk_error


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
        if isinstance(error, OSError) and not isinstance(error, ReseedError):
            name = getattr(error, "filename", None)
            if error.errno is not None and (name is None or str(name).startswith(str(self.path))):
                raise disk_error(error, "write there", tempfile.gettempdir()) from error

    def folder(self, name: str) -> Path:
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path
