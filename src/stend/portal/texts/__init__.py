"""Every text of the portal by key, in both languages. One file per page."""

from collections.abc import Mapping

from stend.kit.languages import Text
from stend.portal.texts import (
    contracts,
    course,
    demo,
    errors,
    exchanges,
    faults,
    home,
    lesson,
    messages,
    numbers,
    parts,
    playground,
    prices,
    reconciliation,
    saved,
    shell,
    story,
    tokens,
    wire,
)

TEXTS: Mapping[str, Text] = {
    **shell.TEXTS,
    **home.TEXTS,
    **messages.TEXTS,
    **numbers.TEXTS,
    **parts.TEXTS,
    **playground.TEXTS,
    **prices.TEXTS,
    **contracts.TEXTS,
    **reconciliation.TEXTS,
    **course.TEXTS,
    **lesson.TEXTS,
    **demo.TEXTS,
    **errors.TEXTS,
    **tokens.TEXTS,
    **exchanges.TEXTS,
    **story.TEXTS,
    **faults.TEXTS,
    **wire.TEXTS,
    **saved.TEXTS,
}
