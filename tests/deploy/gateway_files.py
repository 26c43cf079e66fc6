"""The settings of the gateway of compose, as tests read them."""

from tests.conftest import PROJECT

FOLDER = PROJECT / "deploy" / "nginx"
# By their path below `templates`.
TEMPLATES = {
    str(path.relative_to(FOLDER / "templates")): path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.template"))
}


def environment() -> dict[str, str]:
    """The lines of gateway.env, as compose hands them to the container."""
    lines = (FOLDER / "gateway.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
