"""Do the features of a sparse autoencoder come back when it is trained again, and can the number that says so be trusted?

    import reseed

    comparison = reseed.compare([sae_a, sae_b], activations)
    comparison.verdict

The page docs/python.md of the project has the documentation.
"""

from __future__ import annotations

from .api import Consensus, Inspection, compare, consensus, convert, explore, inspect, null
from .comparison import Comparison, Figure
from .errors import ReseedError
from .explorer import Explorer
from .saes import Sae
from .version import __version__

__all__ = [
    "Comparison",
    "Consensus",
    "Explorer",
    "Figure",
    "Inspection",
    "ReseedError",
    "Sae",
    "__version__",
    "compare",
    "consensus",
    "convert",
    "explore",
    "inspect",
    "null",
]
