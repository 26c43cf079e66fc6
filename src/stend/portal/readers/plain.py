"""A file of a format that nobody reads here: its page is the file itself."""

from stend.kit.languages import Language
from stend.portal.readers.document import Document


def read_plain(_text: str, _others: dict[str, str], _language: Language) -> Document:
    """See `Reader`."""
    return Document(title="", format_name="text")
