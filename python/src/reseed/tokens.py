"""Tokens of the rows of activations, as the file that the command line reads (docs/activations.md)."""

from __future__ import annotations

import json
import os
from typing import Any

from .errors import ReseedError
from .workspace import Workspace

_COLUMNS = ("document", "position", "token")


def tokens_argument(tokens: Any, workspace: Workspace) -> str:
    """A path, or a list for each of `document`, `position` and `token`, in a dict or a DataFrame."""
    if isinstance(tokens, (str, os.PathLike)):
        return os.path.abspath(os.fspath(tokens))
    columns: dict[str, list[Any]] = {}
    for name in _COLUMNS:
        try:
            column = tokens[name]
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ReseedError(
                "usage.argument",
                "they are not tokens of rows",
                field="tokens",
                found=f"an object of {type(tokens).__name__} without {name!r}",
                expected="a path, or document, position and token of each row, in a dict or a DataFrame",
            ) from error
        columns[name] = column.tolist() if hasattr(column, "tolist") else list(column)
    try:
        text = json.dumps(columns)
    except (TypeError, ValueError) as error:
        raise ReseedError(
            "usage.argument",
            "they are not tokens of rows",
            field="tokens",
            found=str(error),
            expected="whole numbers for document and position, texts for token",
        ) from error
    (workspace.path / "tokens.json").write_text(text)
    return "tokens.json"
