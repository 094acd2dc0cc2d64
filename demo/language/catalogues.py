"""What the catalogues in locale/ say: read when a language is first asked for, so that none delays the start."""

from __future__ import annotations

import gettext
import io
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "locale"


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """Compiled here from the file that translators edit: a compiled copy could be older than it."""
    from babel.messages.mofile import write_mo  # not at the start, which needs English alone
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (FOLDER / f"{code}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
