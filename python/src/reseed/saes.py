"""SAEs as they are given, paths and objects, and the arguments that the command line takes them by."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .activations import activations_argument
from .errors import ReseedError
from .objects import name_of, write_object
from .workspace import Workspace

#: Of the folder that objects are written to. It stands before their names where a path ends as one of them does.
_MEMORY = "memory"


@dataclass(frozen=True)
class Sae:
    """One SAE, with what holds for it alone. `source` is what `compare` takes: a path or an object."""

    source: Any
    name: str | None = None
    architecture: str | None = None
    k: int | None = None
    subtract_decoder_bias: bool | None = None
    transcoder: bool | None = None
    ignore: Sequence[str] = ()
    activations: Any = None


def sae_arguments(saes: object, workspace: Workspace) -> tuple[list[str], dict[str, str]]:
    """Writes objects into the workspace. Returns arguments, and for error messages the name of each path.

    Raises ReseedError for names that cannot be told apart and for objects that cannot be read.
    """
    given = _given(saes)
    if not given:
        raise ReseedError("usage.argument", "there is nothing to compare", field="saes", found="none", expected="at least two")
    arguments: list[str] = []
    names: dict[str, str] = {}
    taken: set[str] = set()
    for number, sae in enumerate(given):
        if isinstance(sae.source, (str, os.PathLike)):
            if sae.name is not None:
                raise ReseedError(
                    "usage.argument",
                    "a file is known by its path",
                    field=f"saes[{number}]",
                    found=f"the name {sae.name!r}",
                    expected="a name for an object alone, or the path in a list",
                )
            path = os.path.abspath(os.fspath(sae.source))
        else:
            name = _checked(sae.name or f"sae{number}", taken, number)
            path = f"{_MEMORY}/{name}"
            label = f"{name} ({name_of(sae.source)})"
            write_object(sae.source, workspace.folder(path), label)
            names[path] = label
        arguments.append(path + _own(sae, workspace, number))
    return arguments, names


def init_arguments(init: object, workspace: Workspace) -> tuple[list[str], dict[str, str]]:
    """The same before training."""
    arguments: list[str] = []
    names: dict[str, str] = {}
    for number, sae in enumerate(_given(init)):
        if isinstance(sae.source, (str, os.PathLike)):
            arguments.append(os.path.abspath(os.fspath(sae.source)))
            continue
        path = f"init/{number}"
        label = f"init[{number}] ({name_of(sae.source)})"
        write_object(sae.source, workspace.folder(path), label)
        arguments.append(path)
        names[path] = label
    return arguments, names


def _given(saes: Any) -> list[Sae]:
    if isinstance(saes, (str, os.PathLike, Sae)):
        saes = [saes]
    kind = type(saes).__name__
    if isinstance(saes, Mapping) or kind == "ModuleDict":
        named: Iterable[tuple[str | None, Any]] = ((str(name), one) for name, one in saes.items())
    elif isinstance(saes, Iterable) and (kind == "ModuleList" or not hasattr(saes, "state_dict")):
        named = ((None, one) for one in saes)
    else:
        raise ReseedError(
            "usage.argument",
            "they are not several SAEs",
            field="saes",
            found=f"an object of {name_of(saes)}",
            expected="a list of SAEs, or a dict of them by name",
        )
    return [
        Sae(one, name=name) if not isinstance(one, Sae) else one if name is None else _renamed(one, name) for name, one in named
    ]


def _renamed(sae: Sae, name: str) -> Sae:
    return Sae(
        sae.source,
        name,
        sae.architecture,
        sae.k,
        sae.subtract_decoder_bias,
        sae.transcoder,
        sae.ignore,
        sae.activations,
    )


def _checked(name: str, taken: set[str], number: int) -> str:
    """A name is that of a folder, on systems too that take `A` for `a`."""
    sound = re.fullmatch(r"[\w=+@,()-][\w .=+@,()-]*", name) is not None and not name.endswith((".", " "))
    if sound and len(name) <= 100 and name.casefold() not in taken:
        taken.add(name.casefold())
        return name
    raise ReseedError(
        "usage.argument",
        "it cannot be the name of an SAE" if not sound or len(name) > 100 else "another SAE has this name",
        field=f"saes[{number}]",
        found=repr(name),
        expected="letters, digits, spaces and . _ - + = @ , ( ), a name for each",
    )


def _own(sae: Sae, workspace: Workspace, number: int) -> str:
    settings: list[str] = []
    if sae.architecture is not None:
        settings.append(f"architecture={sae.architecture}")
    if sae.k is not None:
        settings.append(f"k={sae.k}")
    if sae.subtract_decoder_bias is not None:
        settings.append(f"subtract-decoder-bias={'yes' if sae.subtract_decoder_bias else 'no'}")
    if sae.transcoder is not None:
        settings.append(f"transcoder={'yes' if sae.transcoder else 'no'}")
    settings += [f"ignore={name}" for name in ([sae.ignore] if isinstance(sae.ignore, str) else sae.ignore)]
    if sae.activations is not None:
        where = f"activations of saes[{number}]"
        settings.append(f"activations={activations_argument(sae.activations, f'x{number}', workspace, where)}")
    wrong = next((setting for setting in settings if "," in setting), None)
    if wrong is not None:
        raise ReseedError(
            "usage.argument",
            "a comma ends what is said of one SAE",
            field=f"saes[{number}]",
            found=wrong,
            expected="none in it",
        )
    return ":" + ",".join(settings) if settings else ""
