"""The documents are true: every command has help and stands in the README, every link leads somewhere."""

import re

import pytest

from pipeline.cli import _parser
from pipeline.settings import ROOT, Settings

DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "codebook").glob("*.md"),
    *(ROOT / "models").glob("*/README.md"),
    *(ROOT / "data" / "sample").glob("*.md"),
]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(parser=None, path=()):
    """Every command with its help, as the user types it."""
    parser = parser or _parser()
    groups = [action for action in parser._actions if action.__class__.__name__ == "_SubParsersAction"]
    if not groups:
        yield " ".join(path), parser
    for action in groups:
        for name, sub in action.choices.items():
            yield from commands(sub, (*path, name))


@pytest.mark.parametrize(("command", "parser"), list(commands()))
def test_every_command_has_help_and_stands_in_the_readme(command, parser):
    assert parser.description
    assert f"codeboom {command}" in read("README.md")


def test_every_command_in_the_readme_exists():
    known = {command for command, _ in commands()}
    for line in re.findall(r"^\| `codeboom ([a-z ]+)", read("README.md"), re.M):
        assert line.strip().removesuffix(" review").strip() in known | {"review"} or line.strip() in known


def test_every_make_target_that_is_named_exists_and_has_help():
    makefile = read("Makefile")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.M))
    named = {
        t
        for document in DOCUMENTS
        for t in re.findall(r"(?:`|^)make ([a-z-]+)(?=`|  +#| INT)", document.read_text("utf-8"), re.M)
    }
    assert {"pipeline", "test"} <= targets
    assert named <= targets, "a target is named that does not exist"
    assert set(re.search(r"\.PHONY: (.*)", makefile)[1].split()) == targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    for link in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if not link.startswith(("http:", "https:")):
            assert (document.parent / link).exists(), link


def test_every_setting_is_explained_in_the_example():
    example = read("data/sample/study.yaml")
    for name in set(Settings.model_fields) - {"model", "key"}:
        assert f"{name}:" in example, name


def test_every_module_stands_in_the_architecture():
    picture = read("docs/architecture.md")
    for path in (ROOT / "pipeline").rglob("*.py"):
        if path.name not in ("__init__.py", "__main__.py") and path.parent.name == "pipeline":
            assert path.name in picture, path.name
    for package in (path.parent for path in (ROOT / "pipeline").glob("*/__init__.py")):
        assert f"{package.name}/" in picture, package.name


def test_no_file_is_too_long_to_hold_in_mind():
    """About 250 lines; what is over 320 lacks a piece."""
    for path in (ROOT / "pipeline").rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 320, path


def test_figures_in_the_readme_stand_next_to_the_command_that_makes_them():
    text = read("README.md")
    quality = text[text.index("## How good is it?") : text.index("## Commands")]
    assert "make model" in quality
    assert "make benchmark" in quality
