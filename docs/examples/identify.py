"""Which generator made these pictures?  python -m docs.examples.identify photo.jpg other.png"""

import sys
from pathlib import Path

from fingerprints.images.image import decode
from registry.answers.identify import identify, identify_together
from registry.answers.sentences import sentence
from registry.storage.store import Store


def main(paths: list[str]) -> None:
    snapshot = Store().snapshot()  # the registry in use; it stays as it is while we hold it
    answers = []
    for path in paths:
        *_, answer = identify(snapshot, decode(Path(path), path))  # one answer after each space, the last one final
        answers.append(answer)
        cards = snapshot.collection(answer.collection).cards
        print(f"{path}: {answer.verdict.verdict}, probability {answer.verdict.probability:.2f}")
        print(sentence(answer, cards))
    if len(answers) > 1:  # for pictures that share a source
        print(f"all of them: {identify_together(snapshot, answers).verdict.verdict}")


if __name__ == "__main__":
    main(sys.argv[1:])
