"""Every link to another place of the project leads there."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import ROOT, all_pages, parse


@pytest.mark.parametrize("path", all_pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(path: Path) -> None:
    for link in parse(path).links:
        url = urlsplit(link)
        if url.scheme:
            continue
        target = (path.parent / unquote(url.path)).resolve() if url.path else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if url.fragment:
            anchors = {heading.anchor for heading in parse(target).headings}
            assert unquote(url.fragment) in anchors, link
