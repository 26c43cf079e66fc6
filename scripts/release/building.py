"""Builds the files of a release and looks into them."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import review
import sbom
from locked import LOCK, ROOT, packages, reasons, sha256_of, vendored

_SUMS = "SHA256SUMS"


class BuildError(Exception):
    """What was built is not what it should be; the text says how."""


def build(version: str, target: Path) -> list[Path]:
    """Wheel, source archive, SBOM, list of dependencies, lock and digests in a new folder.

    Raises:
        BuildError: the two ways to the wheel differ, or it lacks a file of the repository.
        review.ReviewError, sbom.SbomError
    """
    signed = review.check()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    epoch_s = int(_git("show", "--no-patch", "--format=%ct"))
    # Without a choice uv builds the archive, and then the wheel from the archive.
    _uv_build(target, epoch_s)
    _compare_with_tree(target, epoch_s)
    name = f"stend-{version}"
    _look_into(target / f"{name}-py3-none-any.whl")
    (target / f"{name}.cdx.json").write_text(
        sbom.make(version, signed, epoch_s), encoding="utf-8", newline="\n"
    )
    (target / f"{name}.dependencies.md").write_text(
        listed(version, signed), encoding="utf-8", newline="\n"
    )
    shutil.copyfile(LOCK, target / f"{name}.lock.txt")
    # uv keeps what it builds out of git; a release is not there to be ignored.
    (target / ".gitignore").unlink(missing_ok=True)
    made = sorted(target.iterdir())
    sums = "".join(f"{sha256_of(path)}  {path.name}\n" for path in made)
    (target / _SUMS).write_text(sums, encoding="ascii", newline="\n")
    return [*made, target / _SUMS]


def listed(version: str, signed: review.Review) -> str:
    """Every package and every vendored file of others: version, licence, reason, signed off by."""
    why = reasons()
    lines = [
        f"# Dependencies of stend {version}",
        "",
        f"Signed off by {signed.by} on {signed.on}. Who needs whom is in the SBOM.",
        "",
        "| Package | Version | Licence | What for |",
        "|---|---|---|---|",
    ]
    for package in packages():
        _, reason = why.get(package.name, ("", "comes with others"))
        licence = signed.licences[package.name]
        lines.append(f"| {package.name} | {package.version} | {licence} | {_plain(reason)} |")
    lines += [
        f"| {one.name} | {one.version} | {one.licence} | in `{one.folder}` |" for one in vendored()
    ]
    return "\n".join(lines) + "\n"


def _plain(reason: str) -> str:
    """Without the links to pages that do not lie beside the list."""
    return reason.partition(" ([")[0]


def _uv_build(target: Path, epoch_s: int, *options: str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch_s)}
    # The uv of the environment that runs this, where it has one.
    own = Path(sys.executable).parent / "uv"
    uv = str(own) if own.exists() else "uv"
    command = [uv, "build", "--quiet", "--python", sys.executable, "--out-dir", str(target)]
    _run([*command, *options, str(ROOT)], environment)


def _compare_with_tree(target: Path, epoch_s: int) -> None:
    """The wheel made from the archive is, byte by byte, the one made from the repository."""
    beside = target / "tree"
    _uv_build(beside, epoch_s, "--wheel")
    (ours,), (theirs,) = target.glob("*.whl"), beside.glob("*.whl")
    if ours.read_bytes() != theirs.read_bytes():
        with zipfile.ZipFile(ours) as one, zipfile.ZipFile(theirs) as other:
            names = set(one.namelist()) ^ set(other.namelist())
        raise BuildError(f"the wheels of archive and repository differ: {names or 'in content'}")
    shutil.rmtree(beside)


def _look_into(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = set(map(_place, _belonging()))
    if missing := sorted(wanted - there):
        raise BuildError(f"the wheel lacks {', '.join(missing)}")
    if strange := sorted(there - wanted):
        raise BuildError(f"the wheel has what git does not know: {', '.join(strange)}")
    with tarfile.open(next(wheel.parent.glob("*.tar.gz"))) as archive_of_source:
        inside = {name.partition("/")[2] for name in archive_of_source.getnames()}
    if missing := sorted(set(_known()) - inside - {".gitignore"}):
        raise BuildError(f"the source archive lacks {', '.join(missing)}")


_FOLDERS = ("src/stend/", "clients/", "course/", "deploy/", "docs/decisions/", "templates/")


def _belonging() -> list[str]:
    """The files of the repository that a wheel has; pyproject.toml says the same to hatchling."""
    return [
        path
        for path in _known()
        if path.startswith(_FOLDERS)
        or (path.startswith("docs/") and path.count("/") == 1 and path.endswith(".md"))
    ]


def _place(path: str) -> str:
    return path.removeprefix("src/") if path.startswith("src/") else f"stend/assets/{path}"


def _known() -> list[str]:
    return _git("ls-files", "--cached", "--others", "--exclude-standard").splitlines()


def _git(*words: str) -> str:
    return _run(["git", "-C", str(ROOT), "-c", "core.quotepath=off", *words], dict(os.environ))


def _run(command: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise BuildError(f"{' '.join(command[:2])} failed:\n{done.stderr.strip()}")
    return done.stdout
