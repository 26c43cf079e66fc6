"""What docs/gateway.md shows is what happens: its commands are run, their output is compared."""

import doctest
import re

from gateway_running import Gateway
from tools import ROOT, CheckError, run

_PAGE = ROOT / "docs" / "gateway.md"
_BLOCK = re.compile(r"^```text\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
# A command goes on in the next line after a backslash or a pipe.
_COMMAND = re.compile(r"^\$ ((?:.*[\\|]\n)*.*)\n", re.MULTILINE)
_MARK = "@@@@"
_AS_IN_DOCTEST = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def the_page(gateway: Gateway) -> None:
    """In one shell, in a folder with the certificates that the page has brought there.

    Raises:
        CheckError: a command printed something else than the page says.
    """
    shown = _shown(_PAGE.read_text(encoding="utf-8"))
    script = "\n".join(f"echo; echo {_MARK}\n{command}" for command, _ in shown)
    for port, own in (("8080", gateway.http_port), ("8443", gateway.https_port)):
        script = script.replace(f"localhost:{port}", f"localhost:{own}")
    printed = run(["bash", "-c", script], folder=gateway.tls, environment={"no_proxy": "*"})
    checker = doctest.OutputChecker()
    for (command, wanted), found in zip(shown, printed.split(f"{_MARK}\n")[1:], strict=True):
        # The line before the next mark is that of `echo`.
        if not checker.check_output(wanted.strip(), found.strip(), _AS_IN_DOCTEST):
            raise CheckError(f"{_PAGE.name}: $ {command}\n{found}\ninstead of\n{wanted}")


def _shown(text: str) -> list[tuple[str, str]]:
    """The commands of the page and what they print."""
    found = []
    for block in _BLOCK.findall(text):
        parts = _COMMAND.split(block)[1:]
        found += list(zip(parts[::2], parts[1::2], strict=True))
    if not found:
        raise CheckError(f"{_PAGE.name} shows no command")
    return found
