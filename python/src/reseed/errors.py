"""The one exception, with what the command line knows an error by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class ReseedError(Exception):
    """What is wrong, where it is, what was found there and what was expected.

    `code` is stable: usage.argument, input.file, input.format, input.shape, input.non-finite, input.config, input.locked,
    internal, internal.kernel, internal.control. The others are absent (None) where an error does not have them.
    """

    def __init__(
        self,
        code: str,
        problem: str,
        *,
        file: str | None = None,
        field: str | None = None,
        found: str | None = None,
        expected: str | None = None,
        message: str | None = None,
    ) -> None:
        self.code = code
        self.problem = problem
        self.file = file
        self.field = field
        self.found = found
        self.expected = expected
        self.message = message if message is not None else _message(problem, file, field, found, expected)
        super().__init__(self.message)

    def __str__(self) -> str:
        flags = dict.fromkeys(re.findall(r"(?<!\w)--([a-z][a-z-]*)", self.message))
        if not flags:
            return self.message
        keywords = ", ".join(f"--{flag} is {flag.replace('-', '_')}=" for flag in flags)
        return f"{self.message}\n(in Python {keywords})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.code, self.problem, self.file, self.field, self.found, self.expected, self.message)


def _again(
    code: str,
    problem: str,
    file: str | None,
    field: str | None,
    found: str | None,
    expected: str | None,
    message: str,
) -> ReseedError:
    return ReseedError(code, problem, file=file, field=field, found=found, expected=expected, message=message)


def _message(problem: str, file: str | None, field: str | None, found: str | None, expected: str | None) -> str:
    where = ", ".join(part for part in (file, field) if part)
    parts = [f"{where}: {problem}" if where else problem]
    if found is not None:
        parts.append(f"found {found}")
    if expected is not None:
        parts.append(f"expected {expected}")
    return "; ".join(parts)


def error_of(told: Mapping[str, Any], names: Mapping[str, str]) -> ReseedError:
    """Of the line of JSON that a command has written. `names` says what stands for a path of the temporary folder."""

    def plain(text: object) -> str | None:
        if text is None:
            return None
        shown = str(text)
        for path, name in names.items():
            shown = name.join(re.split(rf"{re.escape(path)}(?![\w.-])(?:/[\w.-]+)?", shown))
        return shown

    return ReseedError(
        str(told["code"]),
        plain(told["problem"]) or "",
        file=plain(told.get("file")),
        field=plain(told.get("field")),
        found=plain(told.get("found")),
        expected=plain(told.get("expected")),
        message=plain(told["message"]),
    )


def disk_error(error: OSError, doing: str, folder: str) -> ReseedError:
    """Of a file that could not be written: most often a disk that is full."""
    found = error.strerror or str(error)
    return ReseedError(
        "input.file",
        f"cannot {doing}",
        file=folder,
        found=found,
        expected="room for it, here or where the environment variable TMPDIR says",
    )
