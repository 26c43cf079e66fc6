"""Every error of the service as an HTTP status and the title of a problem (RFC 9457)."""

from collections.abc import Mapping
from enum import StrEnum

from stend.kit.problems import EDGE_PROBLEMS, ProblemKind
from stend.shop.catalog.domain import CatalogErrorCode

FAULTS: Mapping[StrEnum, ProblemKind] = {
    **EDGE_PROBLEMS,
    CatalogErrorCode.PRODUCT_NOT_FOUND: ProblemKind(404, "Product not found"),
    CatalogErrorCode.CATEGORY_NOT_FOUND: ProblemKind(404, "Category not found"),
    CatalogErrorCode.INVALID_PRICE: ProblemKind(422, "Invalid price"),
    CatalogErrorCode.VERSION_CONFLICT: ProblemKind(412, "Version conflict"),
}
