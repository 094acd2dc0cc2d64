"""Add a generator from samples of its images.  python -m docs.examples.contribute my-model samples/ text-to-image"""

import sys
from pathlib import Path

from registry.contributions import contribute
from registry.contributions.batch import read_batch
from registry.intake.samples import read_samples
from registry.storage.card import Card
from registry.storage.store import Store


def main(name: str, samples: str, collection_name: str) -> None:
    store = Store()
    collection = store.snapshot().collection(collection_name)
    items = read_samples([Path(samples)], covers=collection.form.covers)  # a folder, a zip or a Parquet file
    *_, batch = read_batch(items, collection)  # grows with every item; the last one holds all of them
    draft = contribute.draft(batch, Card(name, source="where the samples come from"), collection)
    print(f"{draft.report.samples} samples; recognised: {draft.report.recognised:.0%}")
    for advice in draft.report.advice:
        print(advice)
    print(f"revision {contribute.add(store, draft)}")  # from now on it is one of the candidates


if __name__ == "__main__":
    main(*sys.argv[1:])
