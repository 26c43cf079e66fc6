"""`stend certificates`: for a gateway that somebody else runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509

from tests.reader import environment

pytestmark = pytest.mark.slow


def said(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stend", "certificates", *words],
        capture_output=True,
        text=True,
        env={**environment(), "STEND_LANG": "en"},
        timeout=30,
        check=False,
    )


def test_they_are_made_once_and_are_good_for_every_name(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tls"
    words = (folder, "--name", "nginx", "--name", "192.0.2.7", "--json")
    first, second = json.loads(said(*words).stdout), json.loads(said(*words).stdout)
    assert (first.pop("made"), second.pop("made")) == (True, False)
    assert first == second
    assert first["names"] == ["localhost", "127.0.0.1", "::1", "nginx", "192.0.2.7"]
    leaf, root = x509.load_pem_x509_certificates(Path(first["gateway"]).read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "nginx"]
    assert leaf.not_valid_after_utc.isoformat() == first["valid_until"]
    assert root == x509.load_pem_x509_certificate(Path(first["authority"]).read_bytes())
    partner = x509.load_pem_x509_certificate(Path(first["partner"]).read_bytes())
    partner.verify_directly_issued_by(root)


def test_another_name_makes_others(tmp_path: Path) -> None:
    assert "Made certificates" in said(tmp_path).stdout
    assert "are there" in said(tmp_path).stdout
    assert "Made certificates" in said(tmp_path, "--name", "nginx").stdout


@pytest.mark.parametrize("name", ["", "a b", "*.example", "кот", "-a", "a..b", "a," * 3, "x" * 64])
def test_what_is_no_name_is_refused_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "tls"
    done = said(folder, "--name", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{name!r} is neither a name nor an address of a machine")
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = said(tmp_path / "file" / "tls")
    assert done.returncode == 2
    assert done.stderr.startswith(f"cannot write to {tmp_path / 'file' / 'tls'}: ")
