"""Holds the two languages of a page together."""

from collections import Counter
from collections.abc import Iterator

from stend.course.texts.comparing import differs
from stend.course.texts.prose import Prose


def differences(ru: Prose, en: Prose) -> Iterator[str]:
    """What one language has and the other has not; English sentences for authors.

    Headings with their levels and anchors, fences and live blocks are the same in the same order;
    links are the same in any order, since a sentence may turn round.
    """
    headings = _heading_difference(ru, en)
    if headings:
        yield headings
    yield from _fence_differences(ru, en)
    ours, theirs = Counter(one.target for one in ru.links), Counter(one.target for one in en.links)
    for target in sorted((ours - theirs) + (theirs - ours)):
        yield (
            f"the link {target}: {ours[target]} in Russian, {theirs[target]} in English, "
            "as many expected"
        )


def _heading_difference(ru: Prose, en: Prose) -> str | None:
    for ours, theirs in zip(ru.sections, en.sections, strict=False):
        if (ours.level, ours.anchor) != (theirs.level, theirs.anchor):
            return (
                f"headings differ: {_called(ours.level, ours.anchor)} in line {ours.line} of the "
                f"Russian, {_called(theirs.level, theirs.anchor)} in line {theirs.line} of the "
                "English text"
            )
    if len(ru.sections) != len(en.sections):
        return f"{len(ru.sections)} headings in Russian, {len(en.sections)} in English"
    return None


def _called(level: int, anchor: str) -> str:
    return f"{'#' * level} {{#{anchor}}}" if anchor else "#" * level


def _fence_differences(ru: Prose, en: Prose) -> Iterator[str]:
    if len(ru.fences) != len(en.fences):
        yield f"{len(ru.fences)} fences in Russian, {len(en.fences)} in English"
    for ours, theirs in zip(ru.fences, en.fences, strict=False):
        if ours.section != theirs.section:
            yield f"the fence in line {ours.line} is in another section of the English text"
        if told := differs(ours, theirs):
            yield (
                f"fences differ, line {ours.line} of the Russian, {theirs.line} of the English "
                f"text: {told}"
            )
