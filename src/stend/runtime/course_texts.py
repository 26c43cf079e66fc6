"""What the texts of the course are told about the product around them."""

from pathlib import Path

import stend
from stend.course.shelf import Shelf
from stend.course.texts.places import Product
from stend.course.texts.proofreading import Proofreader
from stend.portal.error_pages.index import all_pages
from stend.portal.sections import OF_A_STAND
from stend.runtime.assets import Assets, assets

_DECODER = "decoder.py"


def product() -> Product:
    """As it is installed here."""
    wire = Path(stend.__file__).parent / "wire"
    return Product(
        routes=frozenset(one.href for one in OF_A_STAND if one),
        errors=frozenset(one.code.value for one in all_pages()),
        codecs=frozenset(one.parent.name for one in wire.glob(f"*/{_DECODER}")),
    )


def proofreader(shelf: Shelf) -> Proofreader:
    """
    Raises:
        AssetsMissingError: this installation has no course.
    """
    return Proofreader(assets(Assets.COURSE), shelf, product())
