"""What is imported before the engines are started: what is not delays all of them."""

import subprocess
import sys

import pytest

_FRAMEWORKS = (
    *("aio_pika", "cryptography", "fastapi", "grpc", "httpx", "jinja2", "pydantic", "pymongo"),
    *("redis", "sqlalchemy", "strawberry", "yaml"),
)


@pytest.mark.parametrize("module", ["stend.runtime.run", "stend.runtime.control"])
def test_no_framework_is_imported_before_the_engines_start(module: str) -> None:
    code = f"import sys, {module}\nprint([one for one in {_FRAMEWORKS!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_pages_of_the_portal_wait_for_who_opens_one() -> None:
    code = "import sys, stend.runtime.serving\nprint('stend.portal.app' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_command_reads_its_settings_without_tls() -> None:
    code = "import sys, stend.cli.main\nprint('ssl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
