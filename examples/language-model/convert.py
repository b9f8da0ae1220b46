"""Makes an ONNX model and its tokenizer.json out of a Llama-like model in GGUF, such as SmolLM2.

    python convert.py MODEL.gguf FOLDER

FOLDER gets model.onnx, tokenizer.json and tokenizer_config.json, which `reseed harvest` reads. The model is written without its
last layer (the vocabulary): it gives the residual stream behind its last block. Weights are float32, dequantised. Nodes are named
as PyTorch's exports name them (/model/layers.15/...), by which `reseed harvest` finds the sites.
Needs gguf, onnx and tokenizers.

The model: x is the embedding of the tokens; each block adds attention(norm(x)) and then mlp(norm(x)) to it.
norm(x) = x / sqrt(mean(x^2) + epsilon) * weight; mlp(x) = down(silu(gate(x)) * up(x)); heads of attention share keys and values in
groups, and queries and keys are turned by their positions (Su et al. 2021, RoFormer), half against half.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from gguf import GGUFReader
from gguf.quants import dequantize
from onnx import TensorProto, helper, numpy_helper
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

opset = 17
# Smaller than any score of attention: its exponential is 0.
never = -1e30


class Gguf:
    """Settings and weights of a file."""

    def __init__(self, path: Path):
        reader = GGUFReader(path)
        self.fields = {name: field.contents() for name, field in reader.fields.items()}
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}
        architecture = self.fields["general.architecture"]
        if architecture != "llama":
            raise SystemExit(f"{path}: the architecture is {architecture}; expected llama")

    def setting(self, name: str):
        return self.fields[f"llama.{name}"]

    def weight(self, name: str) -> np.ndarray:
        """[output x input], as PyTorch has it."""
        tensor = self.tensors[name]
        return dequantize(tensor.data, tensor.tensor_type).astype(np.float32)


class Graph:
    """Nodes and weights as they are added."""

    def __init__(self):
        self.nodes, self.weights = [], []
        self.constants = {}

    def add(self, op: str, path: str, inputs, outputs: int = 1, **attributes):
        names = [f"{path}_output_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=path, **attributes))
        return names[0] if outputs == 1 else names

    def weight(self, name: str, values: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def constant(self, values, dtype=np.int64) -> str:
        value = np.array(values, dtype)
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self.constants:
            self.constants[key] = self.weight(f"constant_{len(self.constants)}", value)
        return self.constants[key]


class Llama:
    def __init__(self, gguf: Gguf):
        self.gguf, self.graph = gguf, Graph()
        self.width = gguf.setting("embedding_length")
        self.heads = gguf.setting("attention.head_count")
        self.groups = gguf.setting("attention.head_count_kv")
        self.size = gguf.setting("rope.dimension_count")
        self.epsilon = gguf.setting("attention.layer_norm_rms_epsilon")
        if self.size * self.heads != self.width:
            raise SystemExit(f"heads of {self.size} are turned in part, which is not written here")

    def model(self) -> onnx.ModelProto:
        graph, gguf = self.graph, self.gguf
        table = graph.weight("model.embed_tokens.weight", gguf.weight("token_embd.weight"))
        x = graph.add("Gather", "/model/embed_tokens/Gather", [table, "input_ids"])
        self.positions(x)
        for block in range(gguf.setting("block_count")):
            x = self.block(block, x)
        graph.add("Identity", "/model/Identity", [x])
        graph.nodes[-1].output[0] = "residual"
        made = helper.make_graph(
            graph.nodes,
            "llama",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"])],
            [helper.make_tensor_value_info("residual", TensorProto.FLOAT, ["batch", "sequence", self.width])],
            graph.weights,
        )
        return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)

    def positions(self, x: str) -> None:
        """Cosines and sines of the positions [sequence x size], and what may not be seen [sequence x sequence]."""
        graph = self.graph
        shape = graph.add("Shape", "/model/Shape", [x])
        length = graph.add("Gather", "/model/Length", [shape, graph.constant(1)])
        steps = graph.add("Range", "/model/Range", [graph.constant(0), length, graph.constant(1)])
        column = graph.add("Unsqueeze", "/model/Column", [steps, graph.constant([1])])
        real = graph.add("Cast", "/model/Cast", [column], to=TensorProto.FLOAT)
        half = np.arange(0, self.size, 2, dtype=np.float32) / np.float32(self.size)
        speeds = (1 / np.float32(self.gguf.setting("rope.freq_base")) ** half).astype(np.float32)
        turned = graph.add("Mul", "/model/Angles", [real, graph.constant([np.tile(speeds, 2)], np.float32)])
        self.cos, self.sin = (graph.add(op, f"/model/{op}", [turned]) for op in ("Cos", "Sin"))
        square = graph.add("Concat", "/model/Square", [self.vector(length), self.vector(length)], axis=0)
        filled = graph.add(
            "ConstantOfShape",
            "/model/Filled",
            [square],
            value=numpy_helper.from_array(np.array([never], np.float32)),
        )
        self.unseen = graph.add("Trilu", "/model/Unseen", [filled, graph.constant(1)], upper=1)

    def vector(self, scalar: str) -> str:
        return self.graph.add("Unsqueeze", f"/model/Vector_{len(self.graph.nodes)}", [scalar, self.graph.constant([0])])

    def block(self, block: int, x: str) -> str:
        path = f"/model/layers.{block}"
        normed = self.norm(f"{path}/input_layernorm", f"blk.{block}.attn_norm.weight", x)
        x = self.graph.add("Add", f"{path}/Add", [x, self.attention(block, normed)])
        normed = self.norm(f"{path}/post_attention_layernorm", f"blk.{block}.ffn_norm.weight", x)
        return self.graph.add("Add", f"{path}/Add_1", [x, self.mlp(block, normed)])

    def norm(self, path: str, name: str, x: str) -> str:
        graph = self.graph
        squared = graph.add("Pow", f"{path}/Pow", [x, graph.constant(2, np.float32)])
        mean = graph.add("ReduceMean", f"{path}/ReduceMean", [squared], axes=[-1])
        above = graph.add("Add", f"{path}/Add", [mean, graph.constant(self.epsilon, np.float32)])
        root = graph.add("Sqrt", f"{path}/Sqrt", [above])
        scaled = graph.add("Div", f"{path}/Div", [x, root])
        weight = graph.weight(f"{path}/weight", self.gguf.weight(name))
        return graph.add("Mul", f"{path}/Mul", [scaled, weight])

    def linear(self, path: str, weight: np.ndarray, x: str) -> str:
        """@param weight [output x input]"""
        return self.graph.add("MatMul", f"{path}/MatMul", [x, self.graph.weight(f"{path}/weight", weight.T)])

    def attention(self, block: int, x: str) -> str:
        graph, path = self.graph, f"/model/layers.{block}/self_attn"
        heads, groups, size = self.heads, self.groups, self.size
        each = heads // groups
        query, key = (self.unturned(block, name) for name in ("attn_q", "attn_k"))
        # Scores are divided by the root of the size of a head; it is a power of two, so nothing is rounded.
        query = query / np.float32(np.sqrt(size))
        wide = np.concatenate([query, key, self.gguf.weight(f"blk.{block}.attn_v.weight")])
        found = self.linear(f"{path}/qkv_proj", wide, x)
        sizes = graph.constant([heads * size, groups * size, groups * size])
        q, k, v = graph.add("Split", f"{path}/Split", [found, sizes], 3, axis=-1)
        q = self.turned(f"{path}/q", self.by_head(f"{path}/q", q, heads))
        k = self.turned(f"{path}/k", self.by_head(f"{path}/k", k, groups))
        v = self.by_head(f"{path}/v", v, groups)
        # Heads of a group stand below each other, since they look at the same keys.
        q = graph.add("Reshape", f"{path}/Grouped", [q, graph.constant([0, groups, -1, size])])
        k = graph.add("Transpose", f"{path}/Turned", [k], perm=[0, 1, 3, 2])
        scores = graph.add("MatMul", f"{path}/Scores", [q, k])
        shape = graph.add("Shape", f"{path}/Shape", [scores])
        length = graph.add("Slice", f"{path}/Keys", [shape, graph.constant([3]), graph.constant([4])])
        parts = [graph.constant([0]), graph.constant([heads]), length, length]
        apart = graph.add("Concat", f"{path}/Apart", parts, axis=0)
        scores = graph.add("Reshape", f"{path}/ByHead", [scores, apart])
        seen = graph.add("Add", f"{path}/Seen", [scores, self.unseen])
        shares = graph.add("Softmax", f"{path}/Softmax", [seen], axis=-1)
        shares = graph.add("Reshape", f"{path}/ByGroup", [shares, shape])
        out = graph.add("MatMul", f"{path}/Mixed", [shares, v])
        rows = graph.add("Concat", f"{path}/Rows", [*parts[:3], graph.constant([size])], axis=0)
        out = graph.add("Reshape", f"{path}/Heads", [out, rows])
        out = graph.add("Transpose", f"{path}/Back", [out], perm=[0, 2, 1, 3])
        out = graph.add("Reshape", f"{path}/Joined", [out, graph.constant([0, 0, heads * size])])
        assert each * groups == heads
        return self.linear(f"{path}/o_proj", self.gguf.weight(f"blk.{block}.attn_output.weight"), out)

    def unturned(self, block: int, name: str) -> np.ndarray:
        """GGUF has the pairs that are turned together beside each other; half against half is as PyTorch has them."""
        weight = self.gguf.weight(f"blk.{block}.{name}.weight")
        pairs = weight.reshape(-1, self.size // 2, 2, weight.shape[1])
        return pairs.swapaxes(1, 2).reshape(weight.shape)

    def by_head(self, path: str, x: str, heads: int) -> str:
        graph = self.graph
        x = graph.add("Reshape", f"{path}/Reshape", [x, graph.constant([0, 0, heads, self.size])])
        return graph.add("Transpose", f"{path}/Transpose", [x], perm=[0, 2, 1, 3])

    def turned(self, path: str, x: str) -> str:
        graph = self.graph
        low, high = graph.add("Split", f"{path}/Split", [x, graph.constant([self.size // 2] * 2)], 2, axis=-1)
        other = graph.add("Concat", f"{path}/Concat", [graph.add("Neg", f"{path}/Neg", [high]), low], axis=-1)
        straight = graph.add("Mul", f"{path}/Mul", [x, self.cos])
        return graph.add("Add", f"{path}/Add", [straight, graph.add("Mul", f"{path}/Mul_1", [other, self.sin])])

    def mlp(self, block: int, x: str) -> str:
        graph, path = self.graph, f"/model/layers.{block}/mlp"
        gate, up = (self.gguf.weight(f"blk.{block}.{name}.weight") for name in ("ffn_gate", "ffn_up"))
        found = self.linear(f"{path}/gate_up_proj", np.concatenate([gate, up]), x)
        gate, up = graph.add("Split", f"{path}/Split", [found, graph.constant([len(gate), len(up)])], 2, axis=-1)
        open_ = graph.add("Mul", f"{path}/Silu", [gate, graph.add("Sigmoid", f"{path}/Sigmoid", [gate])])
        through = graph.add("Mul", f"{path}/Mul", [open_, up])
        return self.linear(f"{path}/down_proj", self.gguf.weight(f"blk.{block}.ffn_down.weight"), through)


def tokenizer(fields: dict, folder: Path) -> None:
    """Byte-level BPE, digits one by one, as SmolLM's own tokenizer.json has it."""
    kind = (fields["tokenizer.ggml.model"], fields["tokenizer.ggml.pre"])
    if kind != ("gpt2", "smollm"):
        raise SystemExit(f"the tokenizer is {kind}; expected that of SmolLM")
    tokens = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    made = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    made.decoder = decoders.ByteLevel()
    control = 3
    types = fields["tokenizer.ggml.token_type"]
    special = [token for token, kind in zip(tokens, types) if kind == control]
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    made.save(str(folder / "tokenizer.json"))
    named = {name: tokens[fields[f"tokenizer.ggml.{name}_token_id"]] for name in ("bos", "eos")}
    settings = {"tokenizer_class": "GPT2Tokenizer", **{f"{name}_token": token for name, token in named.items()}}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    gguf = Gguf(source)
    tokenizer(gguf.fields, folder)
    model = Llama(gguf).model()
    # Whole or not at all, so that what is there can be gone on from.
    begun = folder / "model.onnx.part"
    onnx.save(model, str(begun))
    begun.replace(folder / "model.onnx")


main()
