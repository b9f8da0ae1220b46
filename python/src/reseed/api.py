"""The functions of the package: each is a command of the command line, with its flags as keywords."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .activations import activations_argument
from .command import run
from .comparison import Comparison
from .explorer import Explorer, shown
from .files import Files
from .flags import flags
from .frames import Frames, read_parquet
from .progress import Progress
from .saes import init_arguments, sae_arguments
from .tokens import tokens_argument
from .workspace import Workspace

Kernel = Literal["auto", "native", "portable", "webgpu"]
PathLike = str | os.PathLike[str]


def compare(
    saes: object,
    activations: object = None,
    tokens: object = None,
    init: object = None,
    *,
    targets: object = None,
    drop_first: int | None = None,
    architecture: str | None = None,
    k: int | None = None,
    subtract_decoder_bias: bool | None = None,
    transcoder: bool = False,
    ignore: Sequence[str] = (),
    seed: int | None = None,
    draws: int | None = None,
    threads: int | None = None,
    kernel: Kernel | None = None,
    cache: bool = True,
    out: PathLike | None = None,
    progress: bool = True,
) -> Comparison:
    """Do the features of these SAEs come back? Every score beside what chance gives, findings, and every feature.

    saes: two or more, in a list or in a dict by name: paths, SAEs of sae-lens, dictionary_learning and sparsify, torch modules,
        state dicts, arrays of decoder rows [F x d]; `Sae(…)` says of one what holds for it alone.
    activations: what they read [N x d], one row a token: an array, a tensor, a path, or an iterable of batches of rows. Without
        them codes are not compared.
    tokens: the token of each row: a path, a dict or a DataFrame of `document`, `position` and `token`.
    init: the same SAEs before training, in the same order.
    out: a folder that the report is written to, and read from. Without it all is kept in memory.

    The others are the flags of `reseed compare`. Raises ReseedError; KeyboardInterrupt stops within a second.
    """
    with Workspace() as workspace:
        told = Progress(progress)
        told.status("writing what is in memory")
        arguments, names = sae_arguments(saes, workspace)
        if init is not None:
            before, more = init_arguments(init, workspace)
            names |= more
            arguments += ["--init", *before]
        if activations is not None:
            arguments += ["--activations", activations_argument(activations, "activations", workspace)]
        if targets is not None:
            arguments += ["--targets", activations_argument(targets, "targets", workspace, "targets")]
        if tokens is not None:
            arguments += ["--tokens", tokens_argument(tokens, workspace)]
        arguments += flags(
            architecture=architecture,
            k=k,
            subtract_decoder_bias=subtract_decoder_bias,
            transcoder=transcoder,
            ignore=ignore,
            drop_first=drop_first,
            seed=seed,
            draws=draws,
            threads=threads,
            kernel=kernel,
            cache=cache,
        )
        folder = workspace.path / "out" if out is None else Path(out).absolute()
        written = "out" if out is None else str(folder)
        text = run(
            ["compare", *arguments, "--out", written, "--cell", "cell.html", "--no-color"],
            cwd=workspace.path,
            progress=told,
            names=names,
        )
        return Comparison(
            Files(folder, keep=out is not None),
            text=_without_paths(text),
            cell=(workspace.path / "cell.html").read_text(encoding="utf-8"),
            notes=told.notes,
        )


@dataclass(frozen=True)
class Inspection:
    """What a file or an object is: `data` as JSON has it; printed, what the command line prints."""

    data: dict[str, Any]
    text: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def inspect(
    sae: object,
    activations: object = None,
    *,
    targets: object = None,
    drop_first: int | None = None,
    architecture: str | None = None,
    k: int | None = None,
    subtract_decoder_bias: bool | None = None,
    transcoder: bool = False,
    ignore: Sequence[str] = (),
    full: bool = False,
    threads: int | None = None,
    kernel: Kernel | None = None,
) -> Inspection:
    """What an SAE, a file of activations or a folder of SAEs is, and what each tensor is taken for.

    sae: a path, or an object as `compare` takes it. activations: to see which features are used.
    """
    with Workspace() as workspace:
        arguments, names = sae_arguments([sae], workspace)
        if activations is not None:
            arguments += ["--activations", activations_argument(activations, "activations", workspace)]
        if targets is not None:
            arguments += ["--targets", activations_argument(targets, "targets", workspace, "targets")]
        arguments += flags(
            architecture=architecture,
            k=k,
            subtract_decoder_bias=subtract_decoder_bias,
            transcoder=transcoder,
            ignore=ignore,
            drop_first=drop_first,
            full=full,
            threads=threads,
            kernel=kernel,
        )
        text = run(
            ["inspect", *arguments, "--json", "inspection.json", "--no-color"],
            cwd=workspace.path,
            progress=Progress(False),
            names=names,
        )
        for path, name in names.items():
            text = text.replace(path, name)
        return Inspection(json.loads((workspace.path / "inspection.json").read_text(encoding="utf-8")), text)


def null(
    d_model: int,
    d_sae: int,
    d_sae_b: int | None = None,
    metric: str | None = None,
    *,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    kernel: Kernel | None = None,
) -> dict[str, Any]:
    """What chance gives for two SAEs of this shape: `null` with mean, SD and 95 % band, and a `check` by draws.

    d_model: width of the input. d_sae, d_sae_b: features of the one and of the other.
    """
    given = flags(
        d_model=d_model,
        d_sae=d_sae,
        d_sae_b=d_sae_b,
        metric=metric,
        draws=draws,
        seed=seed,
        threads=threads,
        kernel=kernel,
    )
    with Workspace() as workspace:
        text = run(["null", *given, "--json", "-"], cwd=workspace.path, progress=Progress(False))
    level: dict[str, Any] = json.loads(text)
    return level


class Consensus:
    """What several SAEs agree on: `result` is consensus.json, `save` writes the dictionary and its report."""

    def __init__(self, files: Files, text: str) -> None:
        self._files = files
        self._text = text
        self.result: dict[str, Any] = json.loads(files.read("consensus.json"))

    @property
    def families(self) -> Any:
        """DataFrame of families.parquet: a row for each feature of a family (docs/consensus.md)."""
        return self.table()

    def table(self, frames: Frames | None = None) -> Any:
        return read_parquet(self._files.read("families.parquet"), frames)

    def save(self, folder: PathLike) -> Path:
        """Writes saelens/, which SAELens loads, sae.safetensors, families.parquet, the report and figures."""
        return self._files.save(folder)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return self._text


def consensus(
    saes: object,
    activations: object = None,
    init: object = None,
    *,
    by: Literal["directions", "codes", "both"] | None = None,
    cosine: float | None = None,
    support: int | None = None,
    keep_k: int | None = None,
    steps: int | None = None,
    drop_first: int | None = None,
    architecture: str | None = None,
    k: int | None = None,
    subtract_decoder_bias: bool | None = None,
    transcoder: bool = False,
    ignore: Sequence[str] = (),
    seed: int | None = None,
    threads: int | None = None,
    kernel: Kernel | None = None,
    cache: bool = True,
    to: PathLike | None = None,
    progress: bool = True,
) -> Consensus:
    """The features that these SAEs agree on, as one dictionary (docs/consensus.md). `to` is the folder that it is written to."""
    with Workspace() as workspace:
        told = Progress(progress)
        arguments, names = sae_arguments(saes, workspace)
        if init is not None:
            before, more = init_arguments(init, workspace)
            names |= more
            arguments += ["--init", *before]
        if activations is not None:
            arguments += ["--activations", activations_argument(activations, "activations", workspace)]
        arguments += flags(
            by=by,
            cosine=cosine,
            support=support,
            keep_k=keep_k,
            steps=steps,
            drop_first=drop_first,
            architecture=architecture,
            k=k,
            subtract_decoder_bias=subtract_decoder_bias,
            transcoder=transcoder,
            ignore=ignore,
            seed=seed,
            threads=threads,
            kernel=kernel,
            cache=cache,
        )
        folder = workspace.path / "out" if to is None else Path(to).absolute()
        written = "out" if to is None else str(folder)
        text = run(
            ["consensus", *arguments, "--to", written, "--no-color"],
            cwd=workspace.path,
            progress=told,
            names=names,
        )
        return Consensus(Files(folder, keep=to is not None), _without_paths(text))


def convert(
    sae: object,
    to: Literal["saelens", "safetensors", "dictionary_learning"],
    folder: PathLike,
    *,
    architecture: str | None = None,
    k: int | None = None,
    subtract_decoder_bias: bool | None = None,
    transcoder: bool = False,
    ignore: Sequence[str] = (),
) -> Path:
    """Writes an SAE, a path or an object, in the layout of another tool, with the same codes. Returns the folder.

    What the layout cannot say is a UserWarning.
    """
    target = Path(folder).absolute()
    with Workspace() as workspace:
        arguments, names = sae_arguments([sae], workspace)
        arguments += flags(
            architecture=architecture,
            k=k,
            subtract_decoder_bias=subtract_decoder_bias,
            transcoder=transcoder,
            ignore=ignore,
        )
        told = Progress(False)
        run(["convert", *arguments, "--to", to, str(target)], cwd=workspace.path, progress=told, names=names)
    for note in told.notes:
        warnings.warn(note, stacklevel=2)
    return target


def explore(folder: PathLike, *, height: int = 800, activations: PathLike | None = None) -> Explorer:
    """The page over a folder that `compare` or `run` has written: under the cell of a notebook, else in the browser."""
    return shown(Explorer(Path(folder).absolute(), activations=activations, height=height))


def _without_paths(text: str) -> str:
    """Without its last lines, which say where the files lie: here they may be in memory."""
    return re.sub(r"\n(Dictionary: .*\n)?Report: .*\n$", "", text)
