"""Codes of the rules of `catalog`."""

from stend.kit.languages import Text
from stend.portal.error_pages.page import ErrorPage
from stend.shop.catalog.domain import CatalogErrorCode

PAGES: tuple[ErrorPage, ...] = (
    ErrorPage(
        CatalogErrorCode.PRODUCT_NOT_FOUND,
        Text(
            "В каталоге нет такого товара.",
            "The catalogue has no such product.",
        ),
        Text(
            "Опечатка в sku или товар другого стенда.",
            "A typo in the sku, or a product of another stand.",
        ),
        Text(
            "Найдите артикул поиском по каталогу: GET /api/v1/catalog/products.",
            "Look the sku up in the catalogue: GET /api/v1/catalog/products.",
        ),
    ),
    ErrorPage(
        CatalogErrorCode.CATEGORY_NOT_FOUND,
        Text(
            "В каталоге нет такой категории.",
            "The catalogue has no such category.",
        ),
        Text(
            "Опечатка в имени категории. Ошибка перечисляет все, что есть.",
            "A typo in the id of the category. The error lists those that exist.",
        ),
        Text(
            "Возьмите одну из названных категорий.",
            "Take one of the categories that are named.",
        ),
    ),
    ErrorPage(
        CatalogErrorCode.INVALID_PRICE,
        Text(
            "Такой цены в магазине быть не может.",
            "Nothing in this shop has such a price.",
        ),
        Text(
            "Цена не больше нуля или выше 100 000 рублей. Часто рубли посланы там, где ждут "
            "копейки.",
            "A price that is not above zero, or above 100,000 roubles. Often roubles were sent "
            "where kopecks are expected.",
        ),
        Text(
            "Пошлите сумму в копейках: 8990 — это 89 рублей 90 копеек.",
            "Send the amount in kopecks: 8990 is 89.90 roubles.",
        ),
    ),
)
