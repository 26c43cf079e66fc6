"""The SBOM of a release: CycloneDX, from the lock, with licences and with the vendored files."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from locked import LOCK, ROOT, packages, sha256_of, vendored
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from review import Review

_SCHEMA = SchemaVersion.V1_6
_COMMAND = (sys.executable, "-m", "cyclonedx_py", "requirements", str(LOCK))
_ROOT_REF = "root-component"


class SbomError(Exception):
    """It was not made, or is not valid; the text is the tool's own."""


def make(version: str, review: Review, epoch_s: int) -> str:
    """The document, the same for the same commit.

    Args:
        epoch_s: the moment that it says, in seconds since 1970.

    Raises:
        SbomError: cyclonedx-py failed, or what was made breaks the schema of CycloneDX.
    """
    bom = _of_lock(epoch_s)
    root = bom["metadata"]["component"]
    root |= {"version": version, "purl": f"pkg:pypi/stend@{version}"}
    components = {one["name"]: _described(one, review) for one in bom["components"]}
    for file in vendored():
        components[file.name] = {
            "type": "library",
            "bom-ref": f"vendored:{file.name}",
            "name": file.name,
            "version": file.version,
            "licenses": [{"license": {"id": file.licence}}],
            "properties": [{"name": "stend:folder", "value": file.folder}],
            "components": [
                {
                    "type": "file",
                    "bom-ref": f"file:{path.relative_to(ROOT).as_posix()}",
                    "name": path.relative_to(ROOT).as_posix(),
                    "hashes": [{"alg": "SHA-256", "content": sha256_of(path)}],
                }
                for path in file.files
            ],
        }
    bom["components"] = list(components.values())
    bom["dependencies"] = _graph({name: one["bom-ref"] for name, one in components.items()})
    text = json.dumps(bom, ensure_ascii=False, indent=1) + "\n"
    if (problem := JsonStrictValidator(_SCHEMA).validate_str(text)) is not None:
        raise SbomError(
            f"the SBOM breaks the schema of CycloneDX {_SCHEMA.to_version()}: {problem}"
        )
    return text


def _of_lock(epoch_s: int) -> dict[str, Any]:
    options = ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application"]
    options += ["--sv", _SCHEMA.to_version(), "--of", "JSON", "--output-reproducible"]
    done = subprocess.run(
        # It warns that the graph has no edges yet: those are added here.
        [*_COMMAND, *options],
        env={"SOURCE_DATE_EPOCH": str(epoch_s), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SbomError(done.stderr)
    bom: dict[str, Any] = json.loads(done.stdout)
    return bom


def _described(component: dict[str, Any], review: Review) -> dict[str, Any]:
    """With its licence and a lasting name, without what only says on which line it stood."""
    name = component["name"]
    hashes = [one for ref in component["externalReferences"] for one in ref["hashes"]]
    licence = review.licences[name]
    is_expression = " " in licence
    return {
        "type": "library",
        "bom-ref": component["purl"],
        "name": name,
        "version": component["version"],
        "licenses": [{"expression": licence}] if is_expression else [{"license": {"id": licence}}],
        "purl": component["purl"],
        "externalReferences": [
            # A digest per file that an installer may choose; the index is the installer's choice.
            {"type": "distribution", "url": component["purl"], "hashes": hashes}
        ],
    }


def _graph(refs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who needs whom: of the stand by pyproject.toml, of packages by their metadata here."""
    direct = [Requirement(line).name for line in _dependencies()]
    edges = {_ROOT_REF: [*direct, *(one.name for one in vendored())]}
    for package in packages():
        edges[refs[package.name]] = _needed_by(package.name)
    edges |= {refs[one.name]: [] for one in vendored()}
    return [
        {"ref": ref, "dependsOn": sorted({refs[name] for name in names if name in refs})}
        for ref, names in edges.items()
    ]


def _dependencies() -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        found: list[str] = tomllib.load(file)["project"]["dependencies"]
    return found


def _needed_by(name: str) -> list[str]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        # For another system: what it needs is in the lock, who needs it is not known here.
        return []
    needed = (Requirement(line) for line in lines)
    return [
        canonicalize_name(one.name)
        for one in needed
        if one.marker is None or "extra" not in str(one.marker)
    ]
