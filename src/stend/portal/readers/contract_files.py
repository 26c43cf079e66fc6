"""Every contract file of the shop: `shop/<service>/api/<protocol>/contract/*`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources.abc import Traversable

from stend.kit.languages import Language
from stend.portal.readers.document import Document, Reader


@dataclass(frozen=True, slots=True)
class Format:
    """
    Attributes:
        name: of the format, without its version.
        suffixes: of files that may be of this format.
        mark: what stands in the text of a file of this format.
        module, function: of the reader; imported when it is first needed, for parsers are heavy.
    """

    name: str
    suffixes: tuple[str, ...]
    mark: re.Pattern[str]
    module: str
    function: str


_YAML = (".yaml", ".yml", ".json")
_ANY = re.compile("")


def _member(name: str) -> re.Pattern[str]:
    """A member of the outermost object: in YAML without indentation, in JSON with little."""
    return re.compile(rf'^(?:{name}:|\s*\{{\s*"{name}"\s*:|[ ]{{,2}}"{name}"\s*:)', re.MULTILINE)


FORMATS = (
    Format("OpenAPI", _YAML, _member("openapi"), "openapi", "read_openapi"),
    Format("AsyncAPI", _YAML, _member("asyncapi"), "asyncapi", "read_asyncapi"),
    Format("OpenRPC", (".json",), _member("openrpc"), "openrpc", "read_openrpc"),
    Format("MCP", (".json",), _member("serverInfo"), "mcp", "read_mcp"),
    Format("WSDL", (".wsdl",), _ANY, "wsdl", "read_wsdl"),
    Format("GraphQL", (".graphql",), _ANY, "graphql", "read_graphql"),
    Format("Protocol Buffers", (".proto",), _ANY, "proto", "read_proto"),
)
# For a folder that has none of these: better the bare text than nothing.
PLAIN = Format("text", (), _ANY, "plain", "read_plain")


@dataclass(frozen=True, slots=True)
class Contract:
    """One file that is a contract by itself.

    Attributes:
        protocol: the folder's name, as in `api/<protocol>/`.
        others: the files beside it, such as schemas that it imports, by name.
    """

    service: str
    protocol: str
    name: str
    format: Format
    text: str
    others: tuple[tuple[str, str], ...]

    @property
    def page(self) -> str:
        """The address of the page that shows it."""
        return f"/contracts/{self.service}/{self.protocol}"

    def file(self, name: str) -> str:
        """The address of a file as it is."""
        return f"{self.page}/{name}"


class ContractFiles:
    """
    Args:
        shop: the folder of the services.
    """

    def __init__(self, shop: Traversable) -> None:
        self._shop = shop

    def all(self) -> Iterator[Contract]:
        """By service, then by protocol, then by name."""
        for service in _folders(self._shop):
            for protocol in _folders(service.joinpath("api")):
                yield from _contracts(service.name, protocol)

    def of(self, service: str, protocol: str) -> list[Contract]:
        return [one for one in self.all() if (one.service, one.protocol) == (service, protocol)]


def document_of(contract: Contract, language: Language) -> Document:
    """
    Raises:
        ValueError: it cannot be read.
    """
    return _read(contract.format, contract.text, contract.others, language)


# So many are more than the shop has in both languages.
@lru_cache(maxsize=128)
def _read(
    format_: Format, text: str, others: tuple[tuple[str, str], ...], language: Language
) -> Document:
    module = import_module(f"stend.portal.readers.{format_.module}")
    reader: Reader = getattr(module, format_.function)
    try:
        return reader(text, dict(others), language)
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        # A file that is of its format and yet lacks what every such file has.
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _contracts(service: str, protocol: Traversable) -> Iterator[Contract]:
    folder = protocol.joinpath("contract")
    if not folder.is_dir():
        return
    entries = sorted((one for one in folder.iterdir() if one.is_file()), key=lambda one: one.name)
    texts = {one.name: one.read_bytes().decode(errors="replace") for one in entries}
    found = {name: _format_of(name, text) for name, text in texts.items()}
    if not any(found.values()):
        found = dict.fromkeys(texts, PLAIN)
    for name, format_ in found.items():
        if format_:
            others = tuple((other, texts[other]) for other in texts if other != name)
            yield Contract(service, protocol.name, name, format_, texts[name], others)


def _format_of(name: str, text: str) -> Format | None:
    for one in FORMATS:
        if name.endswith(one.suffixes) and one.mark.search(text):
            return one
    return None


def _folders(folder: Traversable) -> list[Traversable]:
    if not folder.is_dir():
        return []
    return sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: one.name)
