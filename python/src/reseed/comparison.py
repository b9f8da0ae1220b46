"""What a comparison has found: the report under the cell, and its numbers as tables."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .errors import ReseedError
from .explorer import Explorer, explorer_of
from .files import Files
from .frames import Frames, frame_of, read_parquet

By = Literal["chance", "sphere", "0.7", "0.9"]

#: Columns of features.parquet: in how many other SAEs a feature has a match of this kind.
_STABILITY: dict[str, str] = {
    "chance": "stability",
    "sphere": "stability_sphere",
    "0.7": "stability_07",
    "0.9": "stability_09",
}


class Figure:
    """A figure of the report. A notebook shows it; `svg` and `png` have its bytes."""

    def __init__(self, name: str, svg: bytes, png: bytes) -> None:
        self.name = name
        self.svg = svg.decode()
        self.png = png

    def __repr__(self) -> str:
        return f"<reseed.Figure: {self.name}>"

    def _repr_svg_(self) -> str:
        return self.svg


class Comparison:
    """Everything that `reseed compare --out` writes, and its answer. Numbers are those of results.json, none is computed here."""

    def __init__(self, files: Files, *, text: str, cell: str, notes: Sequence[str] = ()) -> None:
        self._files = files
        self._text = text
        self._cell = cell
        #: What the command has noted on its way, as which kernel it took.
        self.notes = list(notes)
        #: results.json, as docs/results.md has it.
        self.results: dict[str, Any] = json.loads(files.read("results.json"))

    @property
    def verdict(self) -> str:
        """The answer in a sentence. Programs go by `conclusion`."""
        return str(self._group["verdict"])

    @property
    def conclusion(self) -> dict[str, Any]:
        """The answer as data: its verdict by id, and the score that it rests on."""
        conclusion: dict[str, Any] = self._group["conclusion"]
        return conclusion

    @property
    def ids(self) -> list[str]:
        """Of the SAEs, in the order in which they were given."""
        return [str(sae["id"]) for sae in self.results["saes"]]

    @property
    def metrics(self) -> Any:
        """DataFrame, a row a score: its mean over pairs, 95 % interval over SAEs, null with its 95 % band, and corrected value.

        What was not measured is absent: NaN in pandas, null in polars.
        """
        return self.table("metrics")

    @property
    def features(self) -> Any:
        """DataFrame of features.parquet (docs/tables.md): a row for each feature and each other SAE."""
        return self.table("features")

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Artefacts that were found, each with id, severity, evidence, title, summary and advice; `results` has those refuted."""
        return [one for one in self._group["findings"] if one["verdict"] == "supported"]

    @property
    def figures(self) -> list[str]:
        """Names of the figures that there are."""
        names = [name for name in self._files.names() if name.startswith("figures/") and name.endswith(".svg")]
        return [name.removeprefix("figures/").removesuffix(".svg") for name in names]

    def table(self, name: Literal["metrics", "features", "examples"], frames: Frames | None = None) -> Any:
        """A DataFrame of `frames`, pandas or polars. `examples` are there where tokens were given."""
        if name == "metrics":
            return frame_of(_metrics(self._group["metrics"]), frames)
        return read_parquet(self._files.read(f"{name}.parquet"), frames)

    def stable(self, at_least: float = 1.0, by: By = "chance") -> dict[str, npt.NDArray[np.int64]]:
        """Indices of the features of each SAE that come back in at least this share (0 to 1) of the other SAEs, in rising order.

        `by` says what counts as coming back: a match nearer than chance for directions that crowd like those of the other
        SAE ("chance", at a false-discovery rate of 5 %), anywhere on the sphere ("sphere"), or an |cosine| of "0.7" or "0.9".
        """
        if by not in _STABILITY:
            raise ReseedError(
                "usage.argument",
                "it is no measure of coming back",
                field="by",
                found=repr(by),
                expected=", ".join(_STABILITY),
            )
        if not 0 <= at_least <= 1:
            raise ReseedError(
                "usage.argument",
                "it is a share of the other SAEs",
                field="at_least",
                found=str(at_least),
                expected="a number from 0 to 1",
            )
        table = self.features
        saes, features = np.asarray(table["sae"]), np.asarray(table["feature"])
        # A share of three others is not a decimal fraction.
        kept = np.asarray(table[_STABILITY[by]]) >= at_least - 1e-9
        return {one: np.unique(features[kept & (saes == one)]).astype(np.int64) for one in self.ids}

    def figure(self, name: str = "scores") -> Figure:
        if name not in self.figures:
            raise ReseedError(
                "usage.argument",
                "there is no such figure",
                field="name",
                found=repr(name),
                expected=", ".join(self.figures),
            )
        return Figure(name, self._files.read(f"figures/{name}.svg"), self._files.read(f"figures/{name}.png"))

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes the report into a folder: report.html, report.md, results.json, figures and tables. Returns the folder."""
        return self._files.save(folder)

    def explore(self, *, height: int = 800, activations: str | os.PathLike[str] | None = None) -> Explorer:
        """Opens the page over every feature: under the cell of a notebook, else in the browser. Keep what it returns."""
        return explorer_of(self._files, height=height, activations=activations)

    @property
    def _group(self) -> dict[str, Any]:
        group: dict[str, Any] = self.results["groups"][0]
        return group

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<reseed.Comparison of {len(self.ids)} SAEs: {self.verdict}>"

    def _repr_html_(self) -> str:
        return self._cell


def _metrics(metrics: dict[str, Any]) -> dict[str, list[Any]]:
    rows = []
    for name, metric in metrics.items():
        interval, null = metric.get("interval") or {}, metric.get("null") or {}
        rows.append(
            {
                "metric": name,
                **{field: metric.get(field) for field in ("mean", "sd", "min", "max", "n")},
                "low": interval.get("low"),
                "high": interval.get("high"),
                "null": null.get("mean"),
                "null_kind": null.get("kind"),
                "null_low": null.get("low"),
                "null_high": null.get("high"),
                "corrected": metric.get("corrected"),
            }
        )
    return {field: [row[field] for row in rows] for field in (rows[0] if rows else ())}
