"""The project's front door: `nox -l` lists what can be done, `nox -s NAME` does it."""

from __future__ import annotations

from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
CONTRACTS = ("ivy", "ivy-legacy", "worldline")
PACKAGES = ("ivy_api", "ivy_legacy_api", "worldline_connect")
SPREAD = ("-n", "auto", "--dist", "loadfile")
"""Tests on every processor, by file: what a file's tests share is made once, and what has to run in order does."""

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "check", "tests"]


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, editable, with dependency groups of pyproject.toml."""
    session.install("-e", ".", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def contract(session: nox.Session) -> None:
    """The main job: check, generate, serve the mock, property-test it, report."""
    install(session)
    session.run("tallystick", "run", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, on each processor a file at a time."""
    install(session, "tests")
    session.run("pytest", *SPREAD, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format of everything written by hand."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of our code by mypy, strictly, and basedpyright; what we generate is held to both in tests."""
    install(session, "types")
    session.run("mypy")
    session.run("basedpyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def regenerate(session: nox.Session) -> None:
    """Write generated/ anew from the contracts."""
    install(session)
    session.run("tallystick", "generate", *CONTRACTS)


@nox.session
def check(session: nox.Session) -> None:
    """Check the contracts, and that generated/ is what they generate."""
    install(session)
    session.run("tallystick", "check", *CONTRACTS)
    session.run("tallystick", "generate", "--check", *CONTRACTS)


@nox.session
def mock(session: nox.Session) -> None:
    """Serve a contract's mock: `nox -s mock -- ivy --port 8000`."""
    install(session)
    session.run("tallystick", "mock", *(session.posargs or ["ivy"]))


@nox.session(default=False)
def corpus(session: nox.Session) -> None:
    """Generate, parse, import and type-check packages of other people's documents: `nox -s corpus -- FOLDER`."""
    install(session, "tests")
    folder = session.posargs[0] if session.posargs else "../shared/corpus"
    session.run("pytest", "tests/corpus", "tests/mock", "-q", env={"TALLYSTICK_CORPUS": folder})


@nox.session(default=False)
def compat(session: nox.Session) -> None:
    """Compare the contracts with the last tag; what breaks or is new has to stand in the changelog."""
    tag = session.run("git", "describe", "--tags", "--abbrev=0", silent=True, external=True, success_codes=[0, 128])
    if not tag or tag.startswith("fatal"):
        session.log("no tag yet: there is nothing to compare with")
        return
    install(session)
    changelog = Path("CHANGELOG.md").read_text().split("\n## ")
    unreleased = next((part for part in changelog if "(unreleased)" in part.partition("\n")[0]), "")
    for name in CONTRACTS:
        before = f"git:{tag.strip()}:spec/{name}/openapi.yaml"
        said = session.run(
            "tallystick", "compare", before, name, "--fail-on", "any", silent=True, success_codes=[0, 1]
        )
        session.log(str(said))
        if "the documents are the same" not in str(said) and f"`{name}`" not in unreleased:
            session.error(f"{name} has changed since {tag.strip()}: say in CHANGELOG.md what it means")


@nox.session(default=False)
def surface(session: nox.Session) -> None:
    """Name what the packages take away from users of the last tag: `nox -s surface -- REVISION` for another one."""
    install(session, "tests")
    tag = session.run("git", "describe", "--tags", "--abbrev=0", silent=True, external=True, success_codes=[0, 128])
    revision = next(iter(session.posargs), str(tag).strip())
    if revision.startswith("fatal"):
        session.log("no tag yet: there is nothing to compare with")
        return
    session.run("python", "tests/clients/surface.py", revision)


@nox.session(python=PYTHONS, default=False)
def matrix(session: nox.Session) -> None:
    """Test what runs in users' processes, generated packages and their runtime, on every Python they are for."""
    install(session, "tests")
    session.run("pytest", *SPREAD, "-q", "tests/clients", "tests/runtime", "tests/contracts", *session.posargs)


@nox.session(default=False)
def prove(session: nox.Session) -> None:
    """Put faults into the mock, one at a time, and show that verification finds each."""
    install(session)
    for name in CONTRACTS:
        session.run("tallystick", "test", name, "--prove")


@nox.session(default=False)
def wheels(session: nox.Session) -> None:
    """Build wheels of the toolkit and of each generated package, and import them."""
    session.install("build", "hatchling")
    out = Path(session.create_tmp())
    for source in (".", *(f"generated/{name}" for name in PACKAGES)):
        session.run("python", "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), source)
    session.install(*(str(wheel) for wheel in sorted(out.glob("*.whl"))))
    session.chdir(out)
    session.run("tallystick", "check")
    for name in PACKAGES:
        session.run("python", "-c", f"import {name}")
