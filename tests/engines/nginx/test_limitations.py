"""What this build lacks is refused by NGINX itself when a configuration asks for it."""

import subprocess
from pathlib import Path

import pytest

from stend.engines.nginx.binaries import nginx_binary


def refusal(folder: Path, text: str) -> str:
    """What `nginx -t` says about a configuration."""
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [nginx_binary(), "-t", "-p", folder, "-c", "nginx.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def in_location(directive: str) -> str:
    return f"events {{}}\nhttp {{ server {{ location / {{ {directive}; }} }} }}\n"


@pytest.mark.limitation("nginx", "http3")
def test_http3(tmp_path: Path) -> None:
    listen = "events {}\nhttp { server { listen 127.0.0.1:8443 quic; } }\n"
    assert '"quic" parameter requires ngx_http_v3_module' in refusal(tmp_path, listen)
    assert 'unknown directive "http3"' in refusal(tmp_path, in_location("http3 on"))


@pytest.mark.limitation("nginx", "mail")
def test_mail(tmp_path: Path) -> None:
    assert 'unknown directive "mail"' in refusal(tmp_path, "events {}\nmail {}\n")


@pytest.mark.limitation("nginx", "stub-status")
def test_stub_status(tmp_path: Path) -> None:
    said = refusal(tmp_path, in_location("stub_status"))
    assert 'unknown directive "stub_status"' in said


@pytest.mark.limitation("nginx", "rewriting-bodies")
@pytest.mark.parametrize(
    "directive",
    [
        "sub_filter a b",
        "add_before_body /a",
        "xslt_stylesheet a.xslt",
        "image_filter resize 1 1",
        "gunzip on",
    ],
)
def test_rewriting_bodies(tmp_path: Path, directive: str) -> None:
    said = refusal(tmp_path, in_location(directive))
    assert f'unknown directive "{directive.split(maxsplit=1)[0]}"' in said


@pytest.mark.limitation("nginx", "serving-files")
@pytest.mark.parametrize(
    "directive",
    ["dav_methods PUT", "flv", "mp4", "slice 1m", "random_index on", "gzip_static on"],
)
def test_serving_files(tmp_path: Path, directive: str) -> None:
    said = refusal(tmp_path, in_location(directive))
    assert f'unknown directive "{directive.split(maxsplit=1)[0]}"' in said


@pytest.mark.limitation("nginx", "dynamic-modules")
def test_dynamic_modules(tmp_path: Path) -> None:
    (tmp_path / "module.so").write_bytes(b"")
    assert "module.so" in refusal(tmp_path, "load_module module.so;\nevents {}\n")
    for directive in ("brotli on", "geoip_country a", "perl a", "otel_trace on"):
        said = refusal(tmp_path, in_location(directive))
        assert f'unknown directive "{directive.split(maxsplit=1)[0]}"' in said
