"""The page over a result: a server on this machine alone, shown within a notebook or in the browser."""

from __future__ import annotations

import html
import json
import os
import sys
import tempfile
import threading
import weakref
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .command import start, stop
from .errors import ReseedError, error_of
from .files import Files
from .workspace import Workspace

#: The server has printed its address by then, in seconds.
_PATIENCE = 60


class Explorer:
    """A page that is served until `close`, until it is forgotten, or until Python ends. `url` is where."""

    url: str

    def __init__(
        self,
        folder: Path,
        *,
        activations: str | os.PathLike[str] | None = None,
        height: int = 800,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        arguments = ["explore", str(folder), "--framed", "--weights"]
        if activations is not None:
            arguments += ["--activations", os.path.abspath(os.fspath(activations))]
        self._height = height
        process = start(arguments, cwd=Path(tempfile.gettempdir()))
        self._close = weakref.finalize(self, _end, process, then)
        try:
            self.url = _address(process)
        except BaseException:
            self._close()
            raise

    def close(self) -> None:
        """Ends the server. A second time it does nothing."""
        self._close()

    def __enter__(self) -> Explorer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<reseed.Explorer: {self.url}{'' if self._close.alive else ', closed'}>"

    def _repr_html_(self) -> str:
        url = html.escape(self.url)
        return (
            f'<p><a href="{url}" target="_blank" rel="noopener">{url}</a></p>'
            f'<iframe src="{url}" title="reseed explorer" width="100%" height="{self._height}" style="border: 0"></iframe>'
        )


def explorer_of(files: Files, *, height: int = 800, activations: str | os.PathLike[str] | None = None) -> Explorer:
    """Over files in memory it writes a folder that lasts as long as the page; what is starred there comes back."""
    if files.folder is not None:
        return shown(Explorer(files.folder.absolute(), activations=activations, height=height))
    workspace = Workspace().__enter__()

    def end() -> None:
        stars = workspace.path / "collections.json"
        if stars.is_file():
            files.put("collections.json", stars.read_bytes())
        workspace.__exit__(None, None, None)

    try:
        files.save(workspace.path)
        return shown(Explorer(workspace.path, activations=activations, height=height, then=end))
    except BaseException:
        end()
        raise


def shown(explorer: Explorer) -> Explorer:
    """Opens it in the browser, unless a notebook is going to show it."""
    if not _in_notebook() and sys.stdout is not None and sys.stdout.isatty():
        webbrowser.open(explorer.url)
    return explorer


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _address(process: Any) -> str:
    """The first line that it prints; an error otherwise."""
    timer = threading.Timer(_PATIENCE, process.kill)
    timer.start()
    try:
        line = process.stdout.readline().decode().strip()
    finally:
        timer.cancel()
    if line.startswith("http://"):
        # What it says later is read by nobody, and must not fill the pipe.
        for stream in (process.stdout, process.stderr):
            threading.Thread(target=stream.read, daemon=True).start()
        return str(line)
    for told in process.stderr.read().decode("utf-8", "replace").splitlines():
        try:
            event = json.loads(told)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("type") == "error":
            raise error_of(event, {})
    raise ReseedError("internal", "the page is not served", found="no address")


def _end(process: Any, then: Callable[[], None]) -> None:
    try:
        stop(process)
    finally:
        then()
