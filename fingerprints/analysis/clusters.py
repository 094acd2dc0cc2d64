"""Do clusters of fingerprints follow a design choice? (ManiFPT, Table 5, with the chance floor that it lacks.)

The paper clusters fingerprints and reports the normalised mutual information (NMI) of clusters and design choices.
With few generators NMI is far above zero for labels that say nothing, so the same figure for permuted labels stands
beside it, with a p-value, and the adjusted one (AMI), which is zero on average by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.cluster.hierarchy
import scipy.spatial.distance
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

from .permutation import p_value, shuffled


@dataclass(frozen=True)
class Agreement:
    """``nmi`` and ``ami`` of clusters and labels; ``chance``: mean NMI of permuted labels; ``p``: share as high."""

    nmi: float
    ami: float
    chance: float
    p: float


def tree(squared: np.ndarray) -> np.ndarray:
    """Squared distances (g, g) -> Ward's agglomerative tree (g - 1, 4), as scipy.cluster.hierarchy.linkage."""
    condensed = scipy.spatial.distance.squareform(np.sqrt(squared), checks=False)
    return np.asarray(scipy.cluster.hierarchy.linkage(condensed, method="ward", optimal_ordering=True))


def cut(linkage: np.ndarray, count: int) -> np.ndarray:
    """The cluster (g,) of each generator when the tree is cut into ``count`` clusters."""
    return np.asarray(scipy.cluster.hierarchy.fcluster(linkage, count, criterion="maxclust"))


def agreement(clusters: np.ndarray, labels: np.ndarray, units: np.ndarray, draws: int = 1000) -> Agreement:
    """Clusters (g,) against labels (g,), permuted over ``units`` (g,) as in permutation.shuffled."""
    nmi = float(normalized_mutual_info_score(labels, clusters))
    null = [float(normalized_mutual_info_score(other, clusters)) for other in shuffled(labels, units, draws)]
    ami = float(adjusted_mutual_info_score(labels, clusters))
    return Agreement(nmi, ami, float(np.mean(null)), p_value(nmi, null))
