"""Trains one autoencoder with the trainer of dictionary_learning or SAELens, as bench/parity.mjs lays it out.

    python bench/parity.py FOLDER

FOLDER holds case.json and, as raw little-endian arrays, x.bin [N, d], order.bin (the rows of all batches), and the initial
weights by the names of src/training/state.ts. With `nudge` the encoder is first moved by about its own rounding. Written to it: losses.bin, the loss before each step in float64, and the
final weights under `final-NAME.bin`. Encoder and decoder are [F, d] in all files.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

folder = Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
torch.set_num_threads(case["threads"])
d, features = case["d"], case["features"]


def read(name: str, kind=np.float32) -> torch.Tensor:
    return torch.from_numpy(np.fromfile(folder / f"{name}.bin", dtype=kind).copy())


x = read("x").reshape(-1, d)
order = read("order", np.int32).long().split(case["batches"])
start = {name: read(name) for name in case["parameters"]}
for name in ("encoder", "decoder"):
    start[name] = start[name].reshape(features, d)
if case["nudge"]:
    start["encoder"] *= 1 + 1e-7 * torch.randn(features, d, generator=torch.Generator().manual_seed(0))


def dictionary_learning():
    """The trainer, and for each of our names its tensor and whether that is the transpose of ours."""
    from dictionary_learning import trainers
    from dictionary_learning.trainers import top_k
    from dictionary_learning.trainers.batch_top_k import BatchTopKTrainer
    from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKTrainer
    from dictionary_learning.trainers.standard import StandardTrainer

    common = dict(
        steps=case["steps"],
        activation_dim=d,
        dict_size=features,
        layer=0,
        lm_name="none",
        lr=case["learningRate"],
        warmup_steps=case["warmUp"],
        device="cpu",
    )
    top = dict(common, k=case.get("k"), threshold_start_step=case["thresholdAfter"] - 1)
    dense = dict(common, sparsity_warmup_steps=case["sparsityWarmUp"])
    architecture = case["architecture"]
    if architecture in ("topk", "batchtopk", "matryoshka-batchtopk"):
        if architecture == "topk":
            trainer = trainers.TopKTrainer(**top)
            top_k.geometric_median = lambda _: start["decoderBias"].clone()
        elif architecture == "batchtopk":
            trainer = BatchTopKTrainer(**top)
        else:
            sizes = np.diff([0, *case["groups"]])
            trainer = MatryoshkaBatchTopKTrainer(**top, group_fractions=[size / features for size in sizes])
        if architecture != "topk":
            trainer.geometric_median = lambda _: start["decoderBias"].clone()
        if case.get("deadWindow"):
            trainer.dead_feature_threshold = case["deadWindow"]
    elif architecture == "relu":
        trainer = StandardTrainer(**dense, l1_penalty=case["sparsity"])
    elif architecture == "gated":
        trainer = trainers.GatedSAETrainer(**dense, l1_penalty=case["sparsity"])
    else:
        trainer = trainers.JumpReluTrainer(**dense, target_l0=case["targetL0"], sparsity_penalty=case["sparsity"])
    ae = trainer.ae
    if hasattr(ae, "W_enc"):
        tensors = {"encoder": (ae.W_enc, True), "decoder": (ae.W_dec, False)}
    else:
        tensors = {"encoder": (ae.encoder.weight, False), "decoder": (ae.decoder.weight, True)}
    bias = next(getattr(ae, name) for name in ("b_dec", "decoder_bias", "bias") if hasattr(ae, name))
    tensors["decoderBias"] = (bias, False)
    if architecture == "gated":
        tensors["gateBias"] = (ae.gate_bias, False)
        tensors["magnitudeBias"] = (ae.mag_bias, False)
        tensors["magnitudeLogScale"] = (ae.r_mag, False)
    else:
        tensors["encoderBias"] = (ae.b_enc if hasattr(ae, "b_enc") else ae.encoder.bias, False)
    if architecture == "jumprelu":
        tensors["threshold"] = (ae.threshold, False)

    def step(index: int, batch: torch.Tensor) -> float:
        given = []
        if architecture in ("relu", "gated", "jumprelu"):
            # These trainers do not hand out the loss, or not before they have taken the step.
            inner = trainer.loss
            trainer.loss = lambda *a, **k: given.append(inner(*a, **k)) or given[-1]
            trainer.update(index, batch)
            trainer.loss = inner
            return given[0].item()
        return trainer.update(index, batch)

    return tensors, step, lambda: ae.threshold if architecture.endswith("batchtopk") else None


def saelens():
    from sae_lens import saes
    from sae_lens.config import LoggingConfig, SAETrainerConfig
    from sae_lens.saes.matryoshka_batchtopk_sae import (
        MatryoshkaBatchTopKTrainingSAE,
        MatryoshkaBatchTopKTrainingSAEConfig,
    )
    from sae_lens.training.sae_trainer import SAETrainer

    kinds = {
        "topk": (saes.TopKTrainingSAE, saes.TopKTrainingSAEConfig),
        "batchtopk": (saes.BatchTopKTrainingSAE, saes.BatchTopKTrainingSAEConfig),
        "matryoshka-batchtopk": (MatryoshkaBatchTopKTrainingSAE, MatryoshkaBatchTopKTrainingSAEConfig),
        "relu": (saes.StandardTrainingSAE, saes.StandardTrainingSAEConfig),
        "jumprelu": (saes.JumpReLUTrainingSAE, saes.JumpReLUTrainingSAEConfig),
    }
    architecture = case["architecture"]
    own = {"relu": "l1_coefficient", "jumprelu": "l0_coefficient"}.get(architecture)
    settings = {own: case["sparsity"]} if own else {"k": case["k"]}
    if architecture == "matryoshka-batchtopk":
        settings["matryoshka_widths"] = case["groups"]
    kind, config = kinds[architecture]
    sae = kind(config(d_in=d, d_sae=features, **settings))
    size = len(order[0])
    trainer = SAETrainer(
        cfg=SAETrainerConfig(
            total_training_samples=case["steps"] * size,
            train_batch_size_samples=size,
            lr=case["learningRate"],
            lr_end=case["learningRate"] / 10,
            device="cpu",
            logger=LoggingConfig(log_to_wandb=False),
            **({"dead_feature_window": case["deadWindow"]} if case.get("deadWindow") else {}),
        ),
        sae=sae,
        data_provider=iter([]),
    )
    tensors = {
        "encoder": (sae.W_enc, True),
        "encoderBias": (sae.b_enc, False),
        "decoder": (sae.W_dec, False),
        "decoderBias": (sae.b_dec, False),
    }
    if architecture == "jumprelu":
        tensors["threshold"] = (sae.threshold, False)

    def step(_: int, batch: torch.Tensor) -> float:
        loss = trainer.step(batch).loss.item()
        trainer.n_training_steps += 1
        return loss

    return tensors, step, lambda: sae.topk_threshold if architecture.endswith("batchtopk") else None


tensors, step, threshold = {"dictionary-learning": dictionary_learning, "saelens": saelens}[case["peer"]]()
with torch.no_grad():
    for name, values in start.items():
        tensor, transposed = tensors[name]
        tensor.copy_(values.T if transposed else values)
began = time.perf_counter()
losses = [step(index, x[rows]) for index, rows in enumerate(order)]
seconds = time.perf_counter() - began
np.array(losses, dtype=np.float64).tofile(folder / "losses.bin")
# Trainers may replace a parameter's data, but never the parameter.
for name, (tensor, transposed) in tensors.items():
    final = tensor.detach().T if transposed else tensor.detach()
    final.contiguous().float().numpy().tofile(folder / f"final-{name}.bin")
running = threshold()
report = {"seconds": seconds} | ({} if running is None else {"threshold": float(running)})
(folder / "report.json").write_text(json.dumps(report))
