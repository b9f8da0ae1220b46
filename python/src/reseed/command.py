"""Runs a command of the command line, which does all the work: arguments go in, files and JSON come out."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from .errors import ReseedError, error_of
from .node import node, script
from .progress import Progress

#: What a process that was interrupted may take to stop at a safe point, in seconds.
_PATIENCE = 0.4


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    progress: Progress,
    names: Mapping[str, str] | None = None,
) -> str:
    """Returns what the command prints.

    Raises ReseedError with what it tells of an error, in which `names` (path: name) stand for paths of `cwd`.
    Whatever ends the wait, KeyboardInterrupt for one, ends the process.
    """
    process = start(arguments, cwd=cwd)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    printed: list[str] = []
    readers = [
        threading.Thread(target=_read_lines, args=(process.stderr, lines), daemon=True),
        threading.Thread(target=_read_all, args=(process.stdout, printed), daemon=True),
    ]
    told: Mapping[str, Any] | None = None
    other: list[str] = []
    try:
        for reader in readers:
            reader.start()
        while True:
            # A wait without an end cannot be interrupted on Windows.
            try:
                line = lines.get(timeout=0.2)
            except queue.Empty:
                continue
            if line is None:
                break
            event = _event(line)
            if event is None:
                other.append(line)
            elif event["type"] == "error":
                told = event
            else:
                progress.event(event)
        code = process.wait()
        for reader in readers:
            reader.join()
    finally:
        stop(process)
        progress.close()
    if told is not None:
        error = error_of(told, names or {})
        if error.code == "internal.cancelled":
            raise KeyboardInterrupt from error
        raise error
    if code != 0:
        raise ReseedError(
            "internal",
            "the process has ended before its work",
            found=f"exit code {code}" + (f": {' '.join(other)[-2000:].strip()}" if other else ""),
        )
    return "".join(printed)


def start(arguments: Sequence[str], *, cwd: Path) -> subprocess.Popen[bytes]:
    """A process with pipes for its streams. It is told to leave when its standard input ends."""
    environment = dict(os.environ)
    cache = environment.get("RESEED_CACHE", "off")
    if cache not in ("", "off"):
        # It is relative to where Python runs, and the command runs elsewhere.
        environment["RESEED_CACHE"] = os.path.abspath(cache)
    try:
        return subprocess.Popen(
            [node(), script(), "--messages", "json", *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise ReseedError("internal", "Node does not start", found=str(error)) from error


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends it: by a signal first, which it may obey at a safe point, then at once."""
    try:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                pass
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _event(line: str) -> Mapping[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "type" in event else None


def _read_lines(stream: IO[bytes] | None, lines: queue.SimpleQueue[str | None]) -> None:
    try:
        for line in stream or ():
            lines.put(line.decode("utf-8", "replace").rstrip("\n"))
    finally:
        lines.put(None)
        if stream is not None:
            stream.close()


def _read_all(stream: IO[bytes] | None, printed: list[str]) -> None:
    if stream is not None:
        with stream:
            printed.append(stream.read().decode("utf-8", "replace"))
