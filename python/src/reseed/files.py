"""The files of a result: in memory, so that nothing is left on disk, or in the folder that somebody asked for."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import ReseedError, disk_error


class Files:
    """Contents by their paths within the folder, with strokes between names."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        """Reads all of a folder, or with `keep` leaves it where it is and reads a file when it is asked for."""
        self.folder = folder if keep else None
        self._contents: dict[str, bytes] = {} if keep else {name: (folder / name).read_bytes() for name in _names(folder)}

    def names(self) -> list[str]:
        return sorted(self._contents) if self.folder is None else _names(self.folder)

    def read(self, name: str) -> bytes:
        if self.folder is None:
            content = self._contents.get(name)
        else:
            path = self.folder / name
            content = path.read_bytes() if path.is_file() else None
        if content is None:
            raise ReseedError(
                "usage.argument",
                "there is no such file in this result",
                field=name,
                expected=", ".join(self.names()),
            )
        return content

    def put(self, name: str, content: bytes) -> None:
        """Adds one to what is in memory; a folder has got it already."""
        if self.folder is None:
            self._contents[name] = content

    def save(self, folder: str | os.PathLike[str]) -> Path:
        target = Path(folder)
        try:
            for name in self.names():
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self.read(name))
        except OSError as error:
            raise disk_error(error, "write there", str(target)) from error
        return target


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
