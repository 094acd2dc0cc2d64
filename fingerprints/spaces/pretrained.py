"""The large learned spaces, through ``transformers``: ResNet-50, the paper's SL, and DINOv2 in place of its SSL.

They need requirements-learned.txt, and weights: from the folder that $FINGERPRINT_ENCODERS names (in it one folder a
model, such as resnet-50, as ``save_pretrained`` writes it), or without that variable from the Hub. ``missing`` says why
a space cannot be used.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SpaceError
from ..sentence import said
from ..settings import Settings
from .networks import batched

_RESIZED, _CROPPED = 256, 224
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, for values in [0, 1]


class Pretrained:
    """phi is the pooled output of a model of the Hub, on the view scaled to 256 px and cropped to 224 px."""

    version = 1

    def __init__(self, name: str, repository: str) -> None:
        self.name, self._repository = name, repository
        self.label = said("what the network {network} sees in it", network=name)

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, side, side, 3) -> float32 (n, d): 2,048 of ResNet-50, 768 of DINOv2 base; SpaceError if missing."""
        if reason := self.missing():
            raise SpaceError(reason)
        return batched(self._pooled, views)

    def missing(self) -> str:
        """One sentence why this space cannot be used here; empty when it can."""
        from safetensors import SafetensorError

        try:
            _ = self._network
        except ImportError:
            return f"The space {self.name} needs transformers: pip install -r requirements-learned.txt."
        except (OSError, ValueError, SafetensorError) as error:
            reason = str(error).strip().partition("\n")[0].rstrip(".")
            return f"The space {self.name} has no weights in {self._source}: {reason}."
        return ""

    @property
    def _source(self) -> str:
        """A folder, or a repository of the Hub."""
        folder = Settings.read().encoders  # here, because it may be a worker that embeds
        return str(Path(folder) / self._repository.rpartition("/")[2]) if folder else self._repository

    @cached_property
    def _network(self) -> Any:
        from transformers import AutoModel

        if Settings.read().encoders and not Path(self._source).is_dir():
            raise OSError("there is no such folder")
        network, report = AutoModel.from_pretrained(self._source, use_safetensors=True, output_loading_info=True)
        if report["missing_keys"]:  # transformers would fill them with random numbers
            raise ValueError(f"{len(report['missing_keys'])} tensors of the model are not in the file")
        return network.eval()

    def _pooled(self, views: Any) -> Any:
        from torch.nn.functional import interpolate

        x = views.permute(0, 3, 1, 2).float() / 255.0
        x = interpolate(x, size=(_RESIZED, _RESIZED), mode="bicubic", antialias=True).clamp(0, 1)
        margin = (_RESIZED - _CROPPED) // 2
        x = x[:, :, margin:-margin, margin:-margin]
        mean, deviation = (x.new_tensor(values)[:, None, None] for values in (_MEAN, _DEVIATION))
        return self._network(pixel_values=(x - mean) / deviation).pooler_output.flatten(1)


SPACES = (Pretrained("resnet50", "microsoft/resnet-50"), Pretrained("dinov2", "facebook/dinov2-base"))
