"""What each field of Kafka's messages is for.

Fields are looked up by the API and the name, then by the name alone: most names mean the same
wherever they stand.
"""

from functools import cache, lru_cache
from itertools import chain

from stend.kit.fields import Meaning
from stend.kit.languages import Text
from stend.kit.nesting import Steps
from stend.kit.sentences import Sentence, sentences
from stend.wire.kafka.sentences import (
    clusters,
    controllers,
    framing,
    groups,
    overrides,
    producing,
    security,
    shared_groups,
    topics,
)

_GUIDE = "Kafka protocol guide"
_RECORDS = "Kafka protocol guide, Record Batch"


def piece(api: str, steps: Steps, name: str) -> Meaning:
    """
    Args:
        api: `Fetch`.
        steps: to the field that the piece belongs to.
        name: of the piece: the field's own, or `length`, `count`, ...
    """
    return _piece(api, _without_places(steps), name)


def around(api: str, steps: Steps) -> Meaning:
    """What the field at these steps is for."""
    return _around(api, _without_places(steps))


def _without_places(steps: Steps) -> Steps:
    """All elements of an array are for the same, so that what is found is kept for all."""
    return tuple(["[0]" if one.startswith("[") else one for one in steps])


@lru_cache(4096)
def _piece(api: str, steps: Steps, name: str) -> Meaning:
    if name != _own(steps) and (of_part := _part(api, steps, name)) is not None:
        return of_part
    return _around(api, steps)


@lru_cache(4096)
def _around(api: str, steps: Steps) -> Meaning:
    if steps[-1].startswith("["):
        whole = _around(api, steps[:-1])
        array = steps[-2] if len(steps) > 1 else "records"
        return Meaning(
            Text(
                ru=f"Один из элементов {array}, счёт с нуля. {whole.text.ru}",
                en=f"One of the elements of {array}, counted from zero. {whole.text.en}",
            ),
            whole.source,
        )
    found = _inside_records(steps) or _in_header(steps) or _named(api, steps)
    if found is None:
        raise LookupError(f"nothing tells what {'.'.join(steps)} of {api} is for")
    return found


def names() -> frozenset[str]:
    """Of all fields that have a sentence; `Api.name` for those of one API."""
    return frozenset(_fields())


def _own(steps: Steps) -> str:
    """The field's name; that of the array for an element."""
    return next((one for one in reversed(steps) if not one.startswith("[")), "")


def _part(api: str, steps: Steps, name: str) -> Meaning | None:
    if (of_record := _inside_records((*steps, name))) is not None:
        return of_record
    if name.startswith("unknown tag"):
        name = "unknown_tag"
    if name.startswith("records in"):
        return _made(_framing()["compressed_records"], _RECORDS)
    key = name.replace(" ", "_")
    if key in ("length", "count", "presence"):
        own = _own(steps) or api
        return _about(_framing()[key], own, _source(api, steps))
    found = _framing().get(key)
    return None if found is None else _made(found, _source(api, steps))


def _about(sentence: Sentence, own: str, source: str) -> Meaning:
    text = Text(ru=sentence.text.ru.replace("@", own), en=sentence.text.en.replace("@", own))
    return Meaning(text, sentence.source or source)


def _source(api: str, steps: Steps) -> str:
    return _RECORDS if "batches" in steps or steps[:1] == ("records",) else f"{_GUIDE}, {api}"


def _inside_records(steps: Steps) -> Meaning | None:
    """A record batch, its head's fields, its records."""
    if not steps:
        return None
    if "batches" in steps:
        inside = steps[steps.index("batches") :]
    elif steps[0] == "records":
        # Records that were compressed begin at the top of their own tree.
        inside = ("batches", "[0]", *steps)
    else:
        return None
    plain = tuple(one for one in inside if not one.startswith("["))
    found = _framing().get(".".join(plain))
    return None if found is None else _made(found, _RECORDS)


def _in_header(steps: Steps) -> Meaning | None:
    if steps[0] == "length":
        return _made(_framing()["frame_length"], f"{_GUIDE}, Protocol Primitive Types")
    if steps[0] == "header":
        found = _framing().get(".".join(steps))
        return None if found is None else _made(found, f"{_GUIDE}, Headers")
    return None


def _named(api: str, steps: Steps) -> Meaning | None:
    fields = _fields()
    plain = [one for one in steps if not one.startswith("[")]
    name = plain[-1]
    outer = plain[-2] if len(plain) > 1 else ""
    if "content" in plain[:-1]:
        api = "Consumer"
    keys = (f"{api}.{name}", f"{outer}.{name}", name)
    found = next((fields[key] for key in keys if key in fields), None)
    return None if found is None else _made(found, f"{_GUIDE}, {api}")


def _made(sentence: Sentence, source: str) -> Meaning:
    return Meaning(sentence.text, sentence.source or source)


@cache
def _framing() -> dict[str, Sentence]:
    return sentences(framing.SENTENCES)


@cache
def _fields() -> dict[str, Sentence]:
    tables = (
        producing,
        topics,
        clusters,
        groups,
        shared_groups,
        security,
        controllers,
        overrides,
    )
    found: dict[str, Sentence] = {}
    for name, one in chain.from_iterable(sentences(table.SENTENCES).items() for table in tables):
        if name in found:
            raise ValueError(f"{name} has two sentences")
        found[name] = one
    return found
