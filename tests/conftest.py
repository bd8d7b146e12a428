"""What several tests need: a home of their own, so that no test touches anybody's key, and a run of the sample."""

import os
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"

os.environ["CI"] = "true"  # no progress bars in the tests' output


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """An empty HOME for each test; the pseudonym key is made in it."""
    folder = tmp_path_factory.mktemp("home")
    _live_in(folder, monkeypatch)
    return folder


def _live_in(folder, monkeypatch):
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "CODEBOOM_PASSPHRASE"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(folder))


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory):
    """The sample, coded once by the command itself: the output folder, the home, and what was printed."""
    import subprocess
    import sys

    out, house = tmp_path_factory.mktemp("sample") / "output", tmp_path_factory.mktemp("house")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "CODEBOOM_"))}
    environment |= {v: str(house) for v in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline",
            "run",
            SAMPLE / "interviews",
            "--out",
            out,
            "--study",
            SAMPLE / "study.yaml",
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=SAMPLE.parent.parent,
    )
    assert done.returncode == 0, done.stderr
    return out, house, done.stdout + done.stderr
