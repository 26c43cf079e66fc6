"""Words as a search compares them, prices as the shop allows them, and cursors."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stend.kit.errors import StendError
from stend.kit.money import Money
from stend.shop.catalog.domain import MAX_PRICE, SKU_PATTERN, CatalogErrorCode, search_words, words
from stend.shop.catalog.stores.seeding import seed_categories, seed_dark_stores, seed_products
from stend.shop.catalog.usecases import CURSOR_PATTERN, cursor_of, sku_of
from tests.fakes.orders import MORNING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Молоко 3,2 %, 1 л", ("молоко", "3", "2", "1", "л")),
        ("Груши «Конференция»", ("груши", "конференция")),
        ("Мёд, мед и МЁД", ("мед", "мед", "и", "мед")),
        ("йогурт ЙОГУРТ и\u0306огурт", ("йогурт", "йогурт", "йогурт")),
        ("Café CAFÉ cafe\u0301", ("cafe", "cafe", "cafe")),
        ("Straße", ("strasse",)),
        ("ＡＢＣ", ("abc",)),
        ("a_b-c", ("a", "b", "c")),
        ("!?* .", ()),
        ("", ()),
    ],
)
def test_words_are_compared_without_case_accents_and_marks(
    text: str, expected: tuple[str, ...]
) -> None:
    assert words(text) == expected


@given(st.text())
def test_a_word_has_nothing_that_means_something_in_a_pattern(text: str) -> None:
    for word in words(text):
        assert re.escape(word) == word or not word.isascii()
        assert re.fullmatch(word, word)
        assert words(word) == (word,)


def test_a_product_is_found_by_each_word_of_both_titles_once() -> None:
    product = replace(seed_products(MORNING)[0], title_ru="Вода, вода", title_en="Water 5 l")
    assert search_words(product) == ("вода", "water", "5", "l")


@pytest.mark.parametrize("amount", [1, 8990, MAX_PRICE.amount_minor])
def test_a_new_price_is_the_next_version(amount: int) -> None:
    product = seed_products(MORNING)[0]
    later = MORNING + timedelta(hours=1)
    repriced = product.repriced(Money(amount), later)
    assert repriced == replace(product, price=Money(amount), version=2, updated_at=later)


@pytest.mark.parametrize("amount", [0, -1, MAX_PRICE.amount_minor + 1])
def test_nothing_costs_nothing_or_a_fortune(amount: int) -> None:
    product = seed_products(MORNING)[0]
    with pytest.raises(StendError) as caught:
        product.repriced(Money(amount), MORNING)
    assert caught.value.code is CatalogErrorCode.INVALID_PRICE


@given(st.from_regex(SKU_PATTERN, fullmatch=True))
def test_a_cursor_leads_back_to_its_sku_and_fits_the_contract(sku: str) -> None:
    sku = sku.strip("\n")
    cursor = cursor_of(sku)
    assert sku_of(cursor) == sku
    assert re.fullmatch(CURSOR_PATTERN, cursor)


@given(st.from_regex(re.compile(CURSOR_PATTERN, re.ASCII), fullmatch=True))
def test_whatever_fits_the_contract_is_a_cursor(cursor: str) -> None:
    assert re.fullmatch(SKU_PATTERN, sku_of(cursor.strip("\n")))


def test_the_seed_is_whole() -> None:
    products = seed_products(MORNING)
    categories = {category.category_id for category in seed_categories()}
    assert len({product.sku for product in products}) == len(products) == 60
    assert {product.category_id for product in products} == categories
    assert all(isinstance(product.updated_at, datetime) for product in products)
    assert len({store.store_id for store in seed_dark_stores()}) == 3
