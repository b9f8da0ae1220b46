"""Objects of the real packages give the numbers that the command line gives for the files which those packages write."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dictionary_learning import dictionary as dictionaries
from dictionary_learning.trainers.batch_top_k import BatchTopKSAE
from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKSAE
from dictionary_learning.trainers.top_k import AutoEncoderTopK
from sae_lens import (
    SAE,
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    GatedSAE,
    GatedSAEConfig,
    JumpReLUSAE,
    JumpReLUSAEConfig,
    JumpReLUTrainingSAE,
    JumpReLUTrainingSAEConfig,
    StandardSAE,
    StandardSAEConfig,
    StandardTrainingSAE,
    StandardTrainingSAEConfig,
    TopKSAE,
    TopKSAEConfig,
    TopKTrainingSAE,
    TopKTrainingSAEConfig,
)
from sparsify import SparseCoder, SparseCoderConfig

import reseed
from reseed.node import node, script

D, F, K, ROWS = 16, 48, 4, 1000

Made = Callable[[], Any]

SAE_LENS: dict[str, Made] = {
    "topk": lambda: TopKSAE(TopKSAEConfig(d_in=D, d_sae=F, k=K)),
    "standard": lambda: StandardSAE(StandardSAEConfig(d_in=D, d_sae=F)),
    "jumprelu": lambda: JumpReLUSAE(JumpReLUSAEConfig(d_in=D, d_sae=F)),
    "gated": lambda: GatedSAE(GatedSAEConfig(d_in=D, d_sae=F)),
    "topk in training": lambda: TopKTrainingSAE(TopKTrainingSAEConfig(d_in=D, d_sae=F, k=K)),
    "standard in training": lambda: StandardTrainingSAE(StandardTrainingSAEConfig(d_in=D, d_sae=F)),
    "jumprelu in training": lambda: JumpReLUTrainingSAE(JumpReLUTrainingSAEConfig(d_in=D, d_sae=F)),
    "batchtopk in training": lambda: BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(d_in=D, d_sae=F, k=K)),
}

DICTIONARIES: dict[str, Made] = {
    "AutoEncoder": lambda: dictionaries.AutoEncoder(D, F),
    "AutoEncoderNew": lambda: dictionaries.AutoEncoderNew(D, F),
    "GatedAutoEncoder": lambda: dictionaries.GatedAutoEncoder(D, F),
    "JumpReluAutoEncoder": lambda: dictionaries.JumpReluAutoEncoder(D, F),
    "AutoEncoderTopK": lambda: AutoEncoderTopK(D, F, K),
    "BatchTopKSAE": lambda: BatchTopKSAE(D, F, K),
    "MatryoshkaBatchTopKSAE": lambda: MatryoshkaBatchTopKSAE(D, F, K, [20, 28]),
}


def write_sae_lens(sae: Any, folder: Path) -> None:
    save = getattr(sae, "save_inference_model", None) or sae.save_model
    save(str(folder))


def write_dictionary(sae: Any, folder: Path) -> None:
    torch.save(sae.state_dict(), folder / "ae.pt")
    trainer = {"dict_class": type(sae).__name__, "activation_dim": D, "dict_size": F}
    (folder / "config.json").write_text(json.dumps({"trainer": trainer}))


def write_sparsify(sae: Any, folder: Path) -> None:
    sae.save_to_disk(folder)


CASES = [
    *[pytest.param(make, write_sae_lens, id=f"sae-lens {name}") for name, make in SAE_LENS.items()],
    *[pytest.param(make, write_dictionary, id=f"dictionary_learning {name}") for name, make in DICTIONARIES.items()],
    pytest.param(lambda: SparseCoder(D, SparseCoderConfig(num_latents=F, k=K)), write_sparsify, id="sparsify"),
]


@pytest.mark.parametrize(("make", "write"), CASES)
def test_numbers_are_those_of_the_files(make: Made, write: Callable[[Any, Path], None], tmp_path: Path) -> None:
    torch.manual_seed(0)
    x = torch.randn(ROWS, D)
    saes = [make() for _ in range(2)]
    for number, sae in enumerate(saes):
        for parameter in sae.parameters():
            if not parameter.any():
                parameter.data.normal_(0, 0.1)
        folder = tmp_path / f"sae{number}"
        folder.mkdir()
        write(sae, folder)
    np.save(tmp_path / "x.npy", x.numpy())
    options = ["--activations", "x.npy", "--draws", "2", "--no-cache", "--json", "-"]
    done = subprocess.run([node(), script(), "compare", "sae0", "sae1", *options], cwd=tmp_path, capture_output=True, check=True)
    told = json.loads(done.stdout)
    found = reseed.compare(saes, x, draws=2, cache=False, progress=False).results
    assert found["groups"] == told["groups"]
    for one, other in zip(found["saes"], told["saes"], strict=True):
        assert {**one, "path": ""} == {**other, "path": ""}


def test_half_precision_compiled_wrapped_and_turned() -> None:
    torch.manual_seed(0)
    half = TopKSAE(TopKSAEConfig(d_in=D, d_sae=F, k=K)).half()
    wrapped = [torch.compile(half), torch.nn.DataParallel(half)]
    others = [copy.deepcopy(half).float(), copy.deepcopy(half).bfloat16(), half.W_dec.T.contiguous().T]
    for form in [*wrapped, *others]:
        found = reseed.compare([half, form], progress=False)
        assert found.results["groups"][0]["metrics"]["decoder.max"]["mean"] == pytest.approx(1, abs=1e-4)


def test_a_meta_device_has_no_values() -> None:
    sae = TopKSAE(TopKSAEConfig(d_in=D, d_sae=F, k=K))
    with pytest.raises(reseed.ReseedError, match="meta device"):
        reseed.compare([sae, torch.nn.Module.to(sae, "meta")], progress=False)
    with pytest.raises(reseed.ReseedError, match="meta device"):
        reseed.compare([sae, sae], torch.zeros(4, D, device="meta"), progress=False)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_activations_of_other_types(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    saes = [TopKSAE(TopKSAEConfig(d_in=D, d_sae=F, k=K)) for _ in range(2)]
    x = torch.randn(D, 300).to(dtype).T
    found = reseed.compare(saes, x, draws=2, progress=False)
    exact = reseed.compare(saes, x.double().numpy(), draws=2, progress=False)
    assert found.results["groups"] == exact.results["groups"]


def test_a_consensus_dictionary_encodes_in_sae_lens_as_it_says(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    directions = torch.nn.functional.normalize(torch.randn(24, D, generator=generator), dim=1)
    codes = torch.rand(ROWS, 24, generator=generator) * (torch.rand(ROWS, 24, generator=generator) < 3 / 24)
    x = codes @ directions + 0.5
    saes = []
    for _ in range(3):
        sae = TopKSAE(TopKSAEConfig(d_in=D, d_sae=24, k=3))
        noisy = directions + 0.05 * torch.randn(24, D, generator=generator)
        sae.W_dec.data = torch.nn.functional.normalize(noisy, dim=1)[torch.randperm(24, generator=generator)]
        sae.W_enc.data = sae.W_dec.data.T.contiguous()
        sae.b_dec.data = x.mean(0)
        saes.append(sae)
    reseed.consensus(saes, x, to=tmp_path, progress=False)
    told = json.loads((tmp_path / "consensus.json").read_text())["dictionary"]["kept"]["dictionary"]
    loaded = SAE.load_from_disk(str(tmp_path / "saelens"))
    # Of every five blocks of a fiftieth of the rows the third is held out.
    held_out = x[torch.arange(ROWS) // (ROWS // 50) % 5 == 2]
    with torch.no_grad():
        active = loaded.encode(held_out)
        left = (held_out - loaded.decode(active)).double()
    spread = (held_out - held_out.mean(0)).double()
    assert told["features"] == loaded.cfg.d_sae == 24
    assert told["l0"] == pytest.approx(float((active > 0).sum(1).double().mean()), abs=1e-9)
    assert told["explainedVariance"] == pytest.approx(1 - float((left**2).sum() / (spread**2).sum()), abs=1e-6)
    assert told["explainedVariance"] > 0.5
