"""Across data sets: trained on the generators of one code base, asked about the same algorithms in another.

The paper trains on GM-CIFAR10 and tests on GM-CelebA and so on. Our pair is mnist: twelve TensorFlow and eleven PyTorch
generators, most of them the same algorithms. The label is the algorithm; "real" takes no part in the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..common.group_command import plain
from ..common.scores import balanced
from .figures import chosen
from .methods import Method
from .rows.data import REAL, Study, Views

_CODE_BASES = ("tf", "torch")


@dataclass(frozen=True)
class Transfer:
    """``train`` (labels: algorithms and "real") from one code base, ``test`` all images of the other."""

    name: str
    train: Views
    test: Views
    algorithms: list[str]


def transfers(study: Study) -> list[Transfer]:
    """Both directions, for the algorithms that both code bases have; none in a group without code bases."""
    names = np.unique(study.train.labels)
    of = {base: {str(n)[len(base) + 1 :] for n in names if str(n).startswith(f"{base}-")} for base in _CODE_BASES}
    common = sorted(of["tf"] & of["torch"])
    if not common:
        return []
    found = []
    for source, target in (_CODE_BASES, _CODE_BASES[::-1]):
        train = _of_code_base(study.train, source, common, with_real=True)
        test = _joined(*(_of_code_base(part, target, common, with_real=False) for part in (study.train, study.test)))
        found.append(Transfer(f"{source} to {target}", train, test, common))
    return found


def transfer_figures(method: Method, transfer: Transfer) -> dict[str, Any]:
    """Balanced accuracy over the algorithms in the other code base."""
    hits = chosen(method.scores(transfer.test), method.classes, transfer.algorithms) == transfer.test.labels
    contents = np.char.add(np.char.add(transfer.test.labels, " "), transfer.test.contents)
    return {"balanced": plain(balanced(hits, contents, transfer.test.labels)), "chance": 1 / len(transfer.algorithms)}


def _of_code_base(views: Views, base: str, algorithms: list[str], with_real: bool) -> Views:
    wanted = [f"{base}-{algorithm}" for algorithm in algorithms] + [REAL] * with_real
    part = views.select(np.isin(views.labels, wanted))
    return replace(part, labels=np.array([str(label).removeprefix(f"{base}-") for label in part.labels]))


def _joined(one: Views, other: Views) -> Views:
    return Views(
        np.concatenate([one.pixels, other.pixels]),
        np.concatenate([one.image_of_row, other.image_of_row + len(one.labels)]),
        np.concatenate([one.labels, other.labels]),
        np.concatenate([one.contents, other.contents]),
    )
