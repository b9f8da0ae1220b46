"""Writes an SAE in memory as the files that its own package would write, so that the command line reads it as it reads those.

What a class is known by is its name and its package; what the object says of itself stands beside its weights. What neither
tells is asked for by the command line, as of any file.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ReseedError
from .safetensors_file import write_safetensors
from .tensors import is_array

#: Classes of dictionary_learning, which its configuration names.
_DICTIONARIES = {
    "AutoEncoder",
    "AutoEncoderNew",
    "GatedAutoEncoder",
    "JumpReluAutoEncoder",
    "AutoEncoderTopK",
    "BatchTopKSAE",
    "MatryoshkaBatchTopKSAE",
}
#: Of sparsify; the second is its name of before 2025.
_SPARSIFY = {"SparseCoder", "Sae"}
#: What whole models are wrapped in: the attribute that has the model.
_WRAPPERS = {"OptimizedModule": "_orig_mod", "DataParallel": "module", "DistributedDataParallel": "module"}

_Files = tuple[str, Mapping[str, Any], Mapping[str, Mapping[str, Any]]]


def write_object(source: object, folder: Path, where: str) -> None:
    """Writes weights and settings into a folder that is there. `where` names the object, for errors."""
    source = _unwrapped(source)
    weights, tensors, settings = _files(source, where)
    if not tensors:
        raise _unknown(source, where, "no tensors")
    write_safetensors(folder / weights, tensors, where)
    for name, values in settings.items():
        (folder / name).write_text(json.dumps(_json(values)))


def name_of(source: object) -> str:
    """Its class, as people call it."""
    kind = type(_unwrapped(source))
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__.split('.')[0]}.{kind.__name__}"


def _files(source: Any, where: str) -> _Files:
    if is_array(source):
        if len(source.shape) != 2:
            raise ReseedError(
                "input.shape",
                "it is not a decoder",
                field=where,
                found=f"an array of {len(source.shape)} dimensions",
                expected="decoder rows [features × width], or an SAE",
            )
        return "sae.safetensors", {"W_dec": source}, {}
    if isinstance(source, Mapping):
        tensors, settings = _flat(source)
        return "sae.safetensors", tensors, {"config.json": settings} if settings else {}
    if not callable(getattr(source, "state_dict", None)):
        raise _unknown(source, where, f"an object of {name_of(source)}")
    packages = {kind.__module__.split(".")[0] for kind in type(source).__mro__}
    names = {kind.__name__ for kind in type(source).__mro__}
    if "sae_lens" in packages:
        return _of_sae_lens(source)
    state = dict(source.state_dict())
    dictionary = next(
        (kind.__name__ for kind in type(source).__mro__ if kind.__name__ in _DICTIONARIES and _fits(kind.__name__, state)),
        None,
    )
    if dictionary is not None:
        return "sae.safetensors", state, {"config.json": {"trainer": {"dict_class": dictionary, **_k_of(source)}}}
    if names & _SPARSIFY and {"encoder.weight", "encoder.bias"} <= state.keys() and hasattr(source, "cfg"):
        settings = {**_settings_of(source.cfg), "d_in": int(source.d_in)}
        return "sae.safetensors", state, {"cfg.json": settings}
    own = {**_scalars(_settings_of(getattr(source, "cfg", getattr(source, "config", None)))), **_k_of(source)}
    return "sae.safetensors", state, {"config.json": own} if own else {}


def _of_sae_lens(source: Any) -> _Files:
    """As its save_model and save_inference_model do."""
    state = dict(source.state_dict())
    training = hasattr(source, "process_state_dict_for_saving_inference")
    process = getattr(
        source,
        "process_state_dict_for_saving_inference" if training else "process_state_dict_for_saving",
        None,
    )
    if process is not None:
        process(state)
    config = source.cfg
    inference = getattr(config, "get_inference_sae_cfg_dict", None)
    settings = inference() if training and inference is not None else _settings_of(config)
    return "sae_weights.safetensors", state, {"cfg.json": settings}


def _fits(dictionary: str, state: Mapping[str, Any]) -> bool:
    """A class of the same name may be another's."""
    matrices = dictionary in ("JumpReluAutoEncoder", "MatryoshkaBatchTopKSAE")
    return ({"W_enc", "W_dec"} if matrices else {"encoder.weight", "decoder.weight"}) <= state.keys()


def _k_of(source: Any) -> dict[str, int]:
    """A k that is an attribute: as a buffer it is among the tensors."""
    state = source.state_dict()
    for name in ("k", "top_k"):
        value = getattr(source, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and "k" not in state:
            return {"k": value}
    return {}


def _settings_of(config: Any) -> dict[str, Any]:
    """Of a dict, a dataclass, pydantic's models, or any object with fields."""
    if config is None:
        return {}
    for method in ("to_dict", "model_dump"):
        if callable(getattr(config, method, None)):
            return dict(getattr(config, method)())
    if isinstance(config, Mapping):
        return dict(config)
    if dataclasses.is_dataclass(config) and not isinstance(config, type):
        return {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    return dict(vars(config)) if hasattr(config, "__dict__") else {}


def _scalars(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in settings.items() if isinstance(value, (bool, int, float, str))}


def _flat(state: Mapping[Any, Any], prefix: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Tensors by their names, those within others behind a stroke; and the settings that stand beside them."""
    tensors: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for name, value in state.items():
        if is_array(value) and not isinstance(value, np.generic):
            tensors[f"{prefix}{name}"] = value
        elif isinstance(value, Mapping):
            within, beside = _flat(value, f"{prefix}{name}/")
            tensors |= within
            settings |= beside
        else:
            settings |= _scalars({name: value.item() if isinstance(value, np.generic) else value})
    return tensors, settings


def _json(value: Any) -> Any:
    """As JSON has it. What it has no word for is left as text."""
    if isinstance(value, Mapping):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(one) for one in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return str(value)


def _unwrapped(source: Any) -> Any:
    attribute = _WRAPPERS.get(type(source).__name__)
    inner = None if attribute is None else getattr(source, attribute, None)
    return source if inner is None else inner


def _unknown(source: object, where: str, found: str) -> ReseedError:
    return ReseedError(
        "input.format",
        "it is not an SAE that can be read",
        field=where,
        found=found,
        expected="a path, an SAE of sae-lens, dictionary_learning or sparsify, a torch module, a state dict, "
        "or an array of decoder rows",
    )
