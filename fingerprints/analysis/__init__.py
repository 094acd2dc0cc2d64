"""The structure of fingerprints: do generators of like design leave like artifacts? (ManiFPT, section 4.5, Table 5)"""

from .clusters import Agreement, agreement, cut, tree
from .distances import Nearness, nearness, squared_distances
from .layout import planar
from .moments import MOMENTS, moment, sampling_noise
from .permutation import p_value, shuffled
from .probe import Fold, Probe, predict_held_out
from .variance import Explained, explained

__all__ = [
    "MOMENTS",
    "Agreement",
    "Explained",
    "Fold",
    "Nearness",
    "Probe",
    "agreement",
    "cut",
    "explained",
    "moment",
    "nearness",
    "p_value",
    "planar",
    "predict_held_out",
    "sampling_noise",
    "shuffled",
    "squared_distances",
    "tree",
]
