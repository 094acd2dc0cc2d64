"""The page of a registry on the Hub: README.md with its metadata, and .gitattributes; written anew by every push."""

from __future__ import annotations

import json
import re

from ..storage.snapshot import Collection, Snapshot

GITATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.png filter=lfs diff=lfs merge=lfs -text\n"
_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+!|&~$:@]")

_PAGE = """---
license: {licence}
pretty_name: {title}
viewer: false
tags:
  - manifpt-registry
  - image-forensics
  - generative-models
  - attribution
---

# {heading}

A registry of fingerprints of generative models: for each generator, the artifacts that its images carry when they are
compared with the manifold of real images ([ManiFPT](https://arxiv.org/abs/2402.10401), CVPR 2024). It holds derived
data alone (statistics and artifacts in an embedding space, rendered spectra), and no source image.

## What is in it

| collection | images it covers | generators | samples |
|---|---|---|---|
{rows}

Every file but this page is listed with its sha256 in `registry.json`; the tool refuses whatever differs.

## How to use it

    python -m registry sync {repo_id}
    python -m registry identify photo.jpg

`python -m registry sync {repo_id} --revision COMMIT` pins one state of it. The app follows it with
`FINGERPRINT_REPO={repo_id} python app.py`.

## How to propose a generator

    python -m registry add my-model samples.zip --collection COLLECTION
    python -m registry propose {repo_id} my-model --collection COLLECTION

This opens a pull request with a quality report, which the owner reviews.

## How to ask for the removal of a generator

Open a discussion on the Community tab of this repository. Name the collection and the generator, and say why it should
go and how you are connected with it. The owner removes it with `python -m registry remove` and pushes; earlier commits
keep it until the owner rewrites them, so say so if they should go too.

## Licence

Each generator's `card.json` names the licence and the source of the model that made its images.

<!-- Written by `python -m registry push`; changes made here are lost with the next one. -->
"""


def readme(snapshot: Snapshot, repo_id: str, licence: str = "other") -> str:
    """The page for this revision. Titles come from others: they are shown as text, never as markup."""
    title = f"Fingerprints of generative models ({repo_id.split('/')[-1]})"
    return _PAGE.format(
        licence=json.dumps(licence),
        title=json.dumps(title),
        heading=plain(title),
        repo_id=repo_id,
        rows="\n".join(_row(collection, snapshot) for collection in snapshot.collections.values()),
    )


def plain(text: str) -> str:
    """Text from outside inside Markdown: one line, every character that could be markup as an entity."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", shown)


def licence_of(page: bytes) -> str:
    """The licence that an earlier page states, "other" without one."""
    found = re.search(rb'^license: "?([A-Za-z0-9.-]{1,40})"?$', page, re.MULTILINE)
    return found[1].decode() if found else "other"


def _row(collection: Collection, snapshot: Snapshot) -> str:
    form, lines = collection.form, snapshot.manifest["collections"][collection.name]["generators"].values()
    covers = f"{form.min_side} to {form.max_side} px" if form.max_side else f"{form.min_side} px and more"
    samples = sum(line["samples"] for line in lines)
    return f"| {plain(collection.title)} (`{collection.name}`) | {covers} | {len(lines)} | {samples:,} |"
