"""The recipe for a container, piece by piece: no builder is needed, and what it would copy is what runs here."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from gradio_client import Client

from browsing import running_app
from demo.parts.words import TITLE
from fingerprints import settings as settings_module
from fingerprints.settings import CONTRIBUTIONS, HUB, PROXIES, SPACE, Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PROXY = (ROOT / "deploy" / "nginx.conf").read_text()


def instructions() -> list[tuple[str, str]]:
    """Those of the Dockerfile, in their order, without comments and with continued lines as one."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in whole.splitlines() if line.strip()]


def said(word: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == word]


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in said("ENV") for pair in rest.split())


def copied() -> list[tuple[list[str], str]]:
    """What is copied from this folder, and where to."""
    lines = [rest.split() for rest in said("COPY") if not rest.startswith("--from")]
    return [(words[:-1], words[-1]) for words in lines]


# The Dockerfile.


def test_all_that_is_copied_is_there_and_let_in() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for sources, _ in copied():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert any(Path(source).parts[0] == one or Path(source).match(one) for one in let_in), source


def test_what_is_installed_is_what_this_project_declares() -> None:
    requirements = {source for sources, _ in copied() for source in sources if source.startswith("requirements")}
    assert "requirements.txt" in requirements and any("-r requirements.txt" in run for run in said("RUN"))
    arguments = {argument.split("=")[0] for argument in said("ARG")}
    assert {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"} <= arguments
    files = [ROOT / name for name in ("Dockerfile", ".dockerignore", "compose.yaml", "deploy/nginx.conf")]
    assert not any(re.search(r"index-url|pypi|https://", file.read_text()) for file in files)


def test_it_runs_as_a_user_of_its_own_on_a_volume_of_its_own() -> None:
    (user,) = said("USER")
    assert user not in ("root", "0") and any(f"useradd --uid 1000 --create-home {user}" in run for run in said("RUN"))
    (volume,) = said("VOLUME")
    assert environment()["FINGERPRINT_REGISTRY"].startswith(f"{volume}/")
    assert any(f"chown {user}:{user} {volume}" in run for run in said("RUN"))
    order = [instruction for instruction, _ in instructions()]
    assert order.index("USER") > max(i for i, word in enumerate(order) if word in ("RUN", "COPY"))


def test_it_runs_the_python_of_the_readme() -> None:
    front = (ROOT / "README.md").read_text().split("---")[1]
    (version,) = re.findall(r'^python_version: "(\S+)"$', front, flags=re.MULTILINE)
    assert {base.split()[0] for base in said("FROM")} == {f"python:{version}-slim"}
    assert [json.loads(command) for command in said("CMD")] == [["python", "app.py"]]


# What it would hold, running.


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app in a folder that holds what the Dockerfile copies, with the variables of the image and of compose.yaml."""
    base, image = tmp_path_factory.mktemp("deployed"), tmp_path_factory.mktemp("image")
    for sources, target in copied():
        for source in sources:
            _copy(ROOT / source, image / target / (source if target.endswith("/") else ""))
    ours = {name: value for name, value in environment().items() if name != "PATH"}
    given = {name: "" if "$" in value else value for name, value in COMPOSE["services"]["app"]["environment"].items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FINGERPRINT", "PYTHONPATH"))}
    with running_app(base, {**kept, **ours, **given, "HF_HUB_OFFLINE": "1"}, source=image) as url:
        yield url


def _copy(source: Path, target: Path) -> None:
    if target.is_relative_to("/tmp") and source.name.startswith("requirements"):
        return  # into the other stage
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def health(port: int | str) -> subprocess.CompletedProcess[str]:
    (check,) = said("HEALTHCHECK")
    python, script = json.loads(check.split("CMD", 1)[1])
    assert python == "python" and any(script in sources for sources, _ in copied())
    given = {**os.environ, "GRADIO_SERVER_PORT": str(port)}
    return subprocess.run([sys.executable, ROOT / script], env=given, capture_output=True, text=True, timeout=60)


@pytest.mark.waits
def test_the_container_says_whether_it_is_well(app: str) -> None:
    well = health(app.rstrip("/").rsplit(":", 1)[1])
    assert well.returncode == 0 and json.loads(well.stdout)["status"] == "ok", well.stderr


def test_a_container_that_does_not_answer_is_not_well() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # and nobody listens
        ill = health(probe.getsockname()[1])
    assert ill.returncode == 1 and "does not answer well" in ill.stderr


# Behind the proxy of compose.yaml, under its sub-path.


def sub_path() -> str:
    return str(COMPOSE["services"]["app"]["environment"]["GRADIO_ROOT_PATH"])


def test_the_proxy_and_the_app_agree() -> None:
    app, proxy = COMPOSE["services"]["app"], COMPOSE["services"]["proxy"]
    port = environment()["GRADIO_SERVER_PORT"]
    assert app["expose"] == [port] == said("EXPOSE") and "ports" not in app
    assert f"location {sub_path()}/ {{\n        proxy_pass http://app:{port}/;" in PROXY
    assert f"return 301 {sub_path()}/;" in PROXY
    (_, inner), listens = proxy["ports"][0].split(":"), re.search(r"listen (\d+);", PROXY)
    assert listens and listens[1] == inner
    assert [volume.split(":")[0] for volume in proxy["volumes"]] == ["./deploy/nginx.conf"]
    assert Settings.read(app["environment"]).trusted_proxies == 1 and "X-Forwarded-For" in PROXY
    (volume,) = said("VOLUME")
    assert [one.split(":") for one in app["volumes"]] == [[*COMPOSE["volumes"], volume]]


def asked(url: str, **headers: str) -> tuple[int, str]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=given), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def forwarded() -> dict[str, str]:
    """The headers that the proxy sets, for a visitor of https://example.org."""
    values = {"$http_host": "example.org", "$scheme": "https", "$proxy_add_x_forwarded_for": "192.0.2.1"}
    found = re.findall(r"proxy_set_header (\S+) (\S+);", PROXY)
    return {name.replace("-", "_"): values[value] for name, value in found}


@pytest.mark.waits
@pytest.mark.parametrize("page", ["", "about", "gallery"])
def test_pages_under_the_sub_path_know_where_they_are(app: str, page: str) -> None:
    status, html = asked(f"{app}{page}", **forwarded())
    assert status == 200 and f'"root":"https://example.org{sub_path()}"' in html
    tags = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)" />', html))
    assert tags["og:url"] == f"https://example.org{sub_path()}/{page}"
    assert tags["og:image"] == f"https://example.org{sub_path()}/link.png" and tags["og:title"].endswith(TITLE)
    assert '<base href="./" />' in html and "Click to try out" not in html


@pytest.mark.waits
def test_programs_get_answers_under_the_sub_path(app: str) -> None:
    client = Client(f"{app.rstrip('/')}{sub_path()}/", verbose=False)
    assert len(client.predict(api_name="/list")) > 8


@pytest.mark.waits
@pytest.mark.parametrize("closed", ["monitoring", "gradio_api/deep_link", "gradio_api/stream/x"])
def test_what_is_closed_is_closed_under_the_sub_path_too(app: str, closed: str) -> None:
    for prefix in ("", sub_path()[1:] + "/"):
        assert asked(f"{app}{prefix}{closed}")[0] == 404


@pytest.mark.waits
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_the_proxy_itself_passes_requests_on(app: str, tmp_path: Path) -> None:
    with proxied(app, tmp_path) as outside:
        assert asked(f"{outside}{sub_path()}")[0] == 200  # sent on to the path with a slash
        assert len(Client(f"{outside}{sub_path()}/", verbose=False).predict(api_name="/list")) > 8


@contextmanager
def proxied(app: str, folder: Path) -> Iterator[str]:
    """The address of nginx with deploy/nginx.conf, before an app on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PROXY.replace("http://app:7860/", app).replace("listen 80;", f"listen 127.0.0.1:{port};")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root; " if os.geteuid() == 0 else ""  # who may write where this test may
    whole = f"{user}daemon off; pid {folder}/pid; events {{}} http {{ access_log off; {temporary}\n{server} }}"
    (folder / "nginx.conf").write_text(whole)
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error")])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _ in range(50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


# On a Space.


def test_a_space_keeps_the_registry_where_it_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Settings(space="owner/space")
    monkeypatch.setattr(settings_module, "STORAGE", tmp_path / "data")
    assert space.folder == Settings().folder and space.forgets
    (tmp_path / "data").mkdir()
    assert space.folder == tmp_path / "data" / "registry" and not space.forgets
    assert Settings().folder != space.folder and not Settings().forgets  # at home, /data is somebody else's
    assert Settings(space="owner/space", registry="/elsewhere").forgets
    assert not Settings(space="owner/space", registry=str(tmp_path / "data" / "mine")).forgets


def test_on_a_space_contributions_wait_unless_it_is_said() -> None:
    assert Settings(space="owner/space").policy == "open" and Settings().policy == "direct"
    assert Settings(space="owner/space", contributions="direct").policy == "direct"


# docs/operate.md.


def test_every_variable_is_in_the_one_table() -> None:
    page = (ROOT / "docs" / "operate.md").read_text()
    rows = set(re.findall(r"`([A-Z_]+)`", " ".join(re.findall(r"^\| (`.*?) \|", page, flags=re.MULTILINE))))
    ours = {one.metadata["variable"] for one in fields(Settings)}
    assert ours | set(COMPOSE["services"]["app"]["environment"]) <= rows
    assert {CONTRIBUTIONS, HUB, PROXIES, SPACE, "GRADIO_ROOT_PATH", "GRADIO_SERVER_NAME"} <= rows
    for command in ("docker build -t manifpt .", "docker compose up --build"):
        assert command in page
