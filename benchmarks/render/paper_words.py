"""The prose of the study's page."""

INTRODUCTION = """
# The paper, reproduced

Written by `python -m benchmarks.render` from the figures of `python -m benchmarks.paper --data DIR`; nothing here is
typed by hand but the paper's own numbers ([ManiFPT](https://arxiv.org/abs/2402.10401), CVPR 2024, tables 2 and 4).

Every method of a group is trained and tested on the same images, split once by content (70/30): test prompts, latents
and sources are in no training image. Photos are split into the sample of the manifold, the class "real" and the test,
so that no photo is its own neighbour. Numbers are balanced accuracies; brackets are 95 % bootstrap intervals over
contents. The choice is among the generators with 30 contents or more; "with real" adds photos and the class "real".
An image of several crops is scored by the mean over its crops. "ours" is the default of this project, fitted on these
same images (the registry's builds add histories of the photos).

SL and SSL are small encoders of this project (`fingerprints/spaces/small_learned.py`), trained on real CIFAR-10 and
CelebA images that no test holds, where the paper has a ResNet-50 trained on ImageNet; `--pretrained` adds ResNet-50
and DINOv2 where their weights are at hand. "Denoiser" is the learned projection: a network trained on the photos of the
manifold alone takes their place, a = x - D(x). What several rows need (the neighbours in a space, the default as it was
fitted) is computed once, and the row that ran first bears the time of it.

The rows below "ours" are attempts to beat it (`benchmarks/paper/rows/attempts.py`), two with its own artifacts: one
covariance of all spaces in place of a sum over spaces, and a linear classifier trained on the generators in place of
their means. The others add to it: one more space; or that classifier, or the network on the denoiser's artifacts, log
probabilities added.
Two of them won on t2i and ship there: the space `gram`, and one covariance of all spaces, which says who made an image
that nothing happened to (`fingerprints/model/joint.py`); on digits and CIFAR-10 the sum over spaces is better by far.
One more space, `residual`, is ahead there by less than chance may give, and its covariances would not fit in the
embedded registry of 50 MB.
"""

BESIDE_THE_PAPER = """
## Attribution: the paper's Table 2, ours beside it

The paper's data sets hold other generators, 12 and 13 of them with thousands of images each. Compare the order of the
methods, not the numbers. Chance and what the files' metadata alone give away stand below.
"""

ROBUSTNESS = """
## After changes on the way

Balanced accuracy on up to ten test images of each generator, changed before the canonical form: JPEG of that quality;
resized to three quarters; a sixteenth cropped off each side; blurred by one pixel; noise of four grey levels. Groups of
one fixed size scale the image back.
"""

ACROSS_DATA_SETS = """
## Across data sets: the paper's Table 4

Trained on the generators of one code base of `mnist`, asked about the same {algorithms} algorithms in the other (chance
{chance:.3f}). The paper goes from one data set to another.
"""

SEPARABILITY = """
## Separability

Frechet distance between generators over that between halves of one generator, on the scores of the test images. The
paper reports 55 to 168 for ManiFPT and 20 to 111 for the baselines, with thousands of images a class; few images make
the denominator larger, so compare within a column.
"""

SIMPLIFICATIONS = """
## What the baselines simplify

Each is one file of `fingerprints/baselines/`, written from the description in its paper.
"""
