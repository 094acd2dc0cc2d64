"""The paper's own numbers (ManiFPT, tables 2 and 4), to stand beside ours. Accuracies in per cent."""

from __future__ import annotations

# Table 2, attribution: (GM-CIFAR10, GM-CelebA, GM-CHQ, GM-FFHQ) of 12, 13, 17 and 8 generators.
ATTRIBUTION: dict[str, tuple[float, float, float, float]] = {
    "McCloskey18": (40.2, 62.6, 57.4, 50.8),
    "Nataraj19": (46.3, 61.1, 56.3, 51.3),
    "Durall20": (57.3, 62.2, 59.1, 60.9),
    "Dzanic20": (56.1, 61.6, 56.9, 55.7),
    "Wang20": (62.2, 62.2, 59.5, 64.2),
    "Marra18": (55.9, 63.1, 51.3, 53.2),
    "Marra19": (60.7, 61.1, 59.1, 51.8),
    "Yu19": (62.0, 60.6, 61.1, 60.5),
    "ManiFPT RGB": (69.5, 70.5, 63.7, 65.3),
    "ManiFPT FREQ": (70.2, 72.8, 64.8, 66.1),
    "ManiFPT SL": (72.0, 73.6, 62.3, 63.2),
    "ManiFPT SSL": (70.2, 74.7, 61.9, 63.8),
}

# Table 4, across data sets: (CIFAR10 to CelebA, CelebA to CIFAR10, CHQ to FFHQ, FFHQ to CHQ).
ACROSS: dict[str, tuple[float, float, float, float]] = {
    "McCloskey18": (52.3, 43.2, 34.2, 31.2),
    "Nataraj19": (56.2, 46.1, 42.1, 40.4),
    "Durall20": (60.1, 53.5, 51.9, 42.6),
    "Dzanic20": (56.9, 54.7, 45.2, 42.5),
    "Wang20": (62.5, 60.1, 61.4, 53.4),
    "Marra18": (57.0, 58.4, 50.2, 35.9),
    "Marra19": (61.0, 58.6, 54.3, 30.3),
    "Yu19": (60.5, 60.4, 55.2, 50.3),
    "ManiFPT RGB": (62.7, 60.2, 66.3, 53.2),
    "ManiFPT FREQ": (65.8, 62.1, 63.5, 54.3),
    "ManiFPT SL": (67.7, 60.3, 57.6, 56.9),
    "ManiFPT SSL": (66.3, 63.0, 58.1, 53.5),
}
