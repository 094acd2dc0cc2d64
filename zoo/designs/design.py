"""The designs of the zoo: an orthogonal array, so that no choice of a generator goes along with another choice.

The GANs vary in five axes. Were every loss trained with its own up-sampling only, a probe that finds the loss might
have found the up-sampling. So they are the 16 runs of the orthogonal array OA(16, 5, 4, 2) over the field of four
elements: for a and b in GF(4) the columns are a, b, a + b, a + wb, a + w^2 b, and any two columns hold each pair of
symbols once. An axis of three or two levels takes such a column with symbols merged, and every two axes stay
independent. A second sixteen, a shifted copy of the first, shares no design with it, and two designs are trained from a
second seed.
"""

from __future__ import annotations

from dataclasses import dataclass

GF4 = range(4)  # the elements 0, 1, w, w + 1 of GF(4) as two bits: adding is exclusive or
_TIMES_W = (0, 2, 3, 1)


@dataclass(frozen=True)
class Level:
    """One value of an axis: ``slug`` in names and in code, ``words`` for people."""

    slug: str
    words: str


@dataclass(frozen=True)
class Axis:
    """One choice of a design. ``levels`` belong to the four symbols of GF(4); an axis of fewer levels repeats some."""

    name: str
    levels: tuple[Level, Level, Level, Level]


_TRANSPOSED = Level("transposed", "transposed convolution")
_NEAREST = Level("nearest", "nearest neighbour and convolution")
_BILINEAR = Level("bilinear", "bilinear and convolution")
_SHUFFLE = Level("shuffle", "pixel shuffle")
_BATCH, _INSTANCE, _NONE = Level("batch", "batch"), Level("instance", "instance"), Level("nonorm", "none")
_RELU, _LEAKY, _SILU = Level("relu", "ReLU"), Level("leaky", "LeakyReLU"), Level("silu", "SiLU")
_SKIP, _PLAIN = Level("skip", "residual"), Level("plain", "none")

UP_SAMPLING = Axis("up-sampling", (_TRANSPOSED, _NEAREST, _BILINEAR, _SHUFFLE))
LOSS = Axis(
    "loss",
    (
        Level("nonsaturating", "non-saturating"),
        Level("leastsquares", "least squares"),
        Level("wgangp", "WGAN-GP"),
        Level("hinge", "hinge"),
    ),
)
NORMALISATION = Axis("normalisation", (_BATCH, _BATCH, _INSTANCE, _NONE))
ACTIVATION = Axis("activation", (_RELU, _RELU, _LEAKY, _SILU))
SKIP = Axis("skip connections", (_SKIP, _SKIP, _PLAIN, _PLAIN))
PRIOR = "weight of the prior"  # beta of a VAE
PREDICTION = "prediction"  # what a diffusion model's network predicts
COUPLING = "coupling"  # of a flow
AXES = (UP_SAMPLING, LOSS, NORMALISATION, ACTIVATION, SKIP)

Row = tuple[int, ...]


@dataclass(frozen=True)
class Design:
    """What is chosen before a generator is trained: its kind, a level for each axis of the kind, and the seed.

    ``choices`` holds (axis name, level) pairs in the order of the name; GANs have the five AXES, others what they vary.
    """

    kind: str
    choices: tuple[tuple[str, Level], ...]
    seed: int = 1

    @property
    def name(self) -> str:
        """Tells the design: gan-transposed-hinge-batch-relu-skip, with -s2 for a second seed."""
        again = () if self.seed == 1 else (f"s{self.seed}",)
        return "-".join([self.kind, *(level.slug for _, level in self.choices), *again])

    def slug(self, axis: Axis | str) -> str:
        """The level's slug on one axis. Raises KeyError where the kind does not vary it."""
        return dict(self.choices)[axis if isinstance(axis, str) else axis.name].slug

    def in_words(self) -> dict[str, str]:
        """Axis name -> level, for cards."""
        return {axis: level.words for axis, level in self.choices}


def array(shift: Row = (0, 0, 0, 0, 0)) -> list[Row]:
    """OA(16, 5, 4, 2): 16 rows of five symbols, any two columns hold each of the 16 pairs once. ``shift`` is added."""
    rows = []
    for a in GF4:
        for b in GF4:
            wb = _TIMES_W[b]
            row = (a, b, a ^ b, a ^ wb, a ^ _TIMES_W[wb])
            rows.append(tuple(symbol ^ moved for symbol, moved in zip(row, shift, strict=True)))
    return rows


def gans(rows: list[Row], seed: int = 1) -> list[Design]:
    return [
        Design("gan", tuple((axis.name, axis.levels[s]) for axis, s in zip(AXES, row, strict=True)), seed)
        for row in rows
    ]


def vaes() -> list[Design]:
    """Two decoders and two weights of the prior, each with each."""
    return [
        Design("vae", ((UP_SAMPLING.name, decoder), (PRIOR, weight)))
        for decoder in (_TRANSPOSED, _NEAREST)
        for weight in (Level("beta1", "1"), Level("beta4", "4"))
    ]


DIFFUSION = Design("diffusion", ((PREDICTION, Level("velocity", "velocity")),))
FLOW = Design("flow", ((COUPLING, Level("affine", "affine")),))

# Shifting the last column by w turns every "skip" into "plain", so no design of the first half comes back.
FIRST, SECOND = array(), array(shift=(0, 0, 2, 3, 2))
# Two rows that differ in all axes but the last.
AGAIN = [FIRST[4 * a + b] for a, b in ((1, 2), (3, 1))]
