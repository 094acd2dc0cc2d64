"""The arrows of the architecture, held by reading the source: imports point one way between packages and between their
folders, and few modules touch the world.

app.py -> demo -> {registry, zoo}     registry -> fingerprints     zoo -> fingerprints
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Package -> the project's packages that it may import. Whoever may import a package may import what lies below it.
ARROWS = {
    "fingerprints": set(),
    "registry": {"fingerprints"},
    "zoo": {"fingerprints"},
    "demo": {"registry", "zoo", "fingerprints"},
    "app": {"demo", "registry", "zoo", "fingerprints"},
}
PROJECT = set(ARROWS) | {"benchmarks", "tests"}
OWN = {"training", "loopback_hub"}  # further folders of ours that tests import from
# Library -> where alone it may be imported: a package, or one file.
HOMES = {
    "gradio": ("demo/", "app.py"),
    "gradio_client": (),
    "huggingface_hub": ("registry/hub/client.py",),
}
# One opens what others give, the other what it has just encoded itself.
OPENS_IMAGES = ("fingerprints/images/image.py", "fingerprints/images/codecs.py")


def shipped() -> list[Path]:
    folders = [ROOT / name for name in ARROWS if (ROOT / name).is_dir()]
    return sorted(path for folder in folders for path in folder.rglob("*.py")) + [
        path for path in [ROOT / "app.py"] if path.exists()
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(tree: ast.AST, path: Path) -> Iterator[str]:
    """The absolute dotted names that a module imports, at its top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, path)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _dotted(node.func).endswith(("import_module", "__import__")):
            yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _absolute(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    folder = path.relative_to(ROOT).parent.parts
    parts = folder[: len(folder) - node.level + 1]
    return ".".join([*parts, node.module] if node.module else parts)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def wrong_imports(tree: ast.AST, path: Path) -> list[str]:
    package, file = package_of(path), relative(path)
    wrong = []
    for name in imports(tree, path):
        top = name.split(".")[0]
        if top in PROJECT and top != package and top not in ARROWS[package]:
            wrong.append(f"{file} imports {name}: {package} may import {sorted(ARROWS[package]) or 'no other package'}")
        if top in HOMES and not any(file == home or file.startswith(home) for home in HOMES[top]):
            wrong.append(f"{file} imports {name}: {top} is imported only in {' and '.join(HOMES[top]) or 'tests'}")
        if package == "demo" and top in {"torch", "huggingface_hub"}:
            wrong.append(f"{file} imports {name}: the demo computes nothing itself")
    return wrong


def image_openers(tree: ast.AST, path: Path) -> list[str]:
    """Calls of PIL.Image.open under any of the names it can be imported by."""
    names = {"PIL.Image.open"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"PIL", "PIL.Image"}:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full == "PIL.Image":
                    names.add(f"{alias.asname or alias.name}.open")
                elif full == "PIL.Image.open":
                    names.add(alias.asname or alias.name)
        elif isinstance(node, ast.Import):
            names |= {f"{alias.asname}.open" for alias in node.names if alias.name == "PIL.Image" and alias.asname}
    return [
        f"{relative(path)}:{node.lineno} opens an image"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _dotted(node.func) in names
    ]


def careless(tree: ast.AST, path: Path) -> list[str]:
    """Assert statements, and handlers that catch everything."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            found.append(f"{relative(path)}:{node.lineno} asserts; raise ValueError with a sentence")
        elif isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or _dotted(kind) in {"Exception", "BaseException"} for kind in caught):
                found.append(f"{relative(path)}:{node.lineno} catches everything; name the errors")
    return found


def unfinished(source: str, path: Path) -> list[str]:
    return [
        f"{relative(path)}:{token.start[0]} says {token.string}"
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX)\b", token.string)
    ]


@pytest.mark.parametrize("path", shipped(), ids=relative)
def test_a_shipped_module_keeps_to_its_place(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    problems = wrong_imports(tree, path) + careless(tree, path) + unfinished(source, path)
    if relative(path) not in OPENS_IMAGES:
        problems += image_openers(tree, path)
    assert problems == []


# What each requirements file is for; faiss is looked at by a benchmark where it is installed.
DECLARED = {
    "requirements.txt": (*ARROWS, "app.py"),
    "requirements-dev.txt": ("benchmarks", "tests", "training", "loopback_hub"),
}
OPTIONAL = (
    "requirements-cluster.txt",
    "requirements-formats.txt",
    "requirements-learned.txt",
    "requirements-training.txt",
)


def test_what_is_imported_is_declared() -> None:
    """Not that something else brings it along: that may change with any version of the other."""
    found, declared = packages_distributions(), {"faiss"}
    for file in OPTIONAL:
        declared |= requirements(file)
    declared |= {"dask"}  # distributed is made for one version of it, and brings that
    for file, places in DECLARED.items():
        declared |= requirements(file)
        used = {name.split(".")[0] for path in sources(places) for name in imports(ast.parse(path.read_text()), path)}
        outside = used - set(sys.stdlib_module_names) - PROJECT - OWN - {path.stem for path in sources(places)}
        undeclared = {name for name in outside if not declared & {name, *map(normal, found.get(name, []))}}
        assert undeclared == set(), file


def requirements(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {normal(line.split("==")[0]) for line in lines if "==" in line and not line.startswith("#")}


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def sources(places: Iterable[str]) -> list[Path]:
    paths = [path for place in places for path in ((ROOT / place).rglob("*.py"), [ROOT / place])]
    return [path for some in paths for path in some if path.suffix == ".py" and path.exists()]


def test_there_is_something_to_check() -> None:
    assert "fingerprints/images/image.py" in [relative(path) for path in shipped()]
    for file in OPENS_IMAGES:
        assert image_openers(ast.parse((ROOT / file).read_text(encoding="utf-8")), ROOT / file)


ALL = (*(name for name in ARROWS if name != "app"), *OWN, "benchmarks")
MOST_FILES = 14
MOST_LINES = 50  # of code in a function


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for name in (*ALL, "tests") for path in (ROOT / name).rglob("*.py")}
    counts = {relative(folder): len(list(folder.glob("*.py"))) for folder in folders}
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_no_function_is_long() -> None:
    paths = [path for name in ALL for path in (ROOT / name).rglob("*.py")]
    assert [found for path in paths for found in long_functions(path.read_text(encoding="utf-8"), path)] == []


def long_functions(source: str, path: Path) -> list[str]:
    """Lines that hold nothing but a comment or a docstring do not count."""
    passed_over = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    tokens = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in passed_over
    ]
    code = {line for token in tokens for line in range(token.start[0], token.end[0] + 1)}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            code -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {node: len(code & set(range(node.lineno, (node.end_lineno or 0) + 1))) for node in functions}
    return [f"{relative(path)}: {node.name} has {n} lines" for node, n in lengths.items() if n >= MOST_LINES]


def test_a_long_function_is_seen() -> None:
    body = "".join(f"    x = {number}\n    # why\n\n" for number in range(MOST_LINES - 1))
    assert long_functions(f'def f():\n    """A\n    B"""\n{body}', ROOT / "app.py")
    assert not long_functions(f'def f():\n    """A\n    B"""\n{body[len("    x = 0") :]}', ROOT / "app.py")


def test_folders_import_each_other_one_way() -> None:
    """At every depth, imports for type checkers included: a reader of one folder never needs one that needs it."""
    arrows: dict[str, set[str]] = {}
    for path in [path for name in ALL for path in (ROOT / name).rglob("*.py")]:
        here = relative(path.parent)
        found = {folder_of(name) for name in imports(ast.parse(path.read_text(encoding="utf-8")), path)}
        arrows.setdefault(here, set()).update(found - {here, None})
    assert TopologicalSorter(arrows).prepare() is None  # or it raises CycleError, which names the folders


def folder_of(name: str) -> str | None:
    """The folder of the file of ours that an import of this dotted name reads; None for others' modules."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").is_file():
            return relative(path.parent)
        if (path / "__init__.py").is_file():
            return relative(path)
    return None


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("fingerprints/spaces/x.py", "from registry import store"),
        ("fingerprints/x.py", "import gradio as gr"),
        ("fingerprints/x.py", "def f():\n    import huggingface_hub"),
        ("registry/x.py", "from ..demo import state"),
        ("registry/storage/store.py", "from huggingface_hub import HfApi"),
        ("zoo/x.py", "import registry.storage.store"),
        ("demo/x.py", "import torch.nn"),
        ("demo/x.py", "from benchmarks import attribution"),
        ("app.py", "import tests.generators"),
        ("registry/x.py", "import importlib\nimportlib.import_module('gradio')"),
    ],
)
def test_a_wrong_import_is_seen(file: str, line: str) -> None:
    # "from ..demo" from a top-level package leaves the tree in Python, but means the same to a reader.
    assert wrong_imports(ast.parse(line), ROOT / file)


@pytest.mark.parametrize(
    "source",
    [
        "import PIL.Image\nPIL.Image.open(f)",
        "import PIL.Image as P\nP.open(f)",
        "from PIL import Image\nImage.open(f)",
        "from PIL import Image as I\nI.open(f)",
        "from PIL.Image import open as o\no(f)",
    ],
)
def test_an_opened_image_is_seen(source: str) -> None:
    assert image_openers(ast.parse(source), ROOT / "demo" / "x.py")


@pytest.mark.parametrize(
    "source", ["assert x", "try:\n    f()\nexcept:\n    pass", "try:\n    f()\nexcept (OSError, Exception):\n    pass"]
)
def test_carelessness_is_seen(source: str) -> None:
    assert careless(ast.parse(source), ROOT / "demo" / "x.py")


def test_unfinished_work_is_seen() -> None:
    assert unfinished("x = 1  # TODO: y\n", ROOT / "app.py")
