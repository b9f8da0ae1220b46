"""How far a command is: a bar of tqdm where that is installed, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

_QUIET_SECONDS = 10


class Progress:
    """Shows nothing at all where `shown` is false. Keeps the notes of the command."""

    def __init__(self, shown: bool) -> None:
        self.notes: list[str] = []
        self._shown = shown
        self._bar: Any = None
        self._told = time.monotonic()

    def event(self, event: Mapping[str, Any]) -> None:
        kind = event.get("type")
        if kind == "note":
            self.notes.append(str(event["text"]))
        elif kind == "progress" and self._shown:
            self._show(event)

    def status(self, text: str) -> None:
        """Of what is done before the command begins."""
        if self._shown and self._bar is None:
            self._line(text)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _show(self, event: Mapping[str, Any]) -> None:
        percent = 100 * float(event["done"]) / (float(event["total"]) or 1)
        make = _tqdm()
        if make is None:
            left = event.get("secondsLeft")
            rest = "" if left is None else f", {float(left):.0f} s left"
            self._line(f"{event['stage']} {percent:.0f} %{rest} · {event['item']}")
            return
        if self._bar is None:
            self._bar = make(total=100, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining} {postfix}")
            self._bar.set_description_str(str(event["stage"]), refresh=False)
        self._bar.set_postfix_str(str(event["item"]), refresh=False)
        self._bar.update(max(0.0, percent - self._bar.n))

    def _line(self, text: str) -> None:
        if time.monotonic() - self._told < _QUIET_SECONDS:
            return
        self._told = time.monotonic()
        print(f"reseed: {text}", file=sys.stderr, flush=True)


def _tqdm() -> Any:
    """Its bar of a notebook needs ipywidgets, and says so at length where they are missing."""
    try:
        import tqdm
    except ImportError:
        return None
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return tqdm.tqdm
    from tqdm.auto import tqdm as auto

    return auto
