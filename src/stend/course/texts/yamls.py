"""Reads lists in YAML, in which nothing is ignored."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from stend.course.errors import CourseFileError
from stend.course.model import Row, told_wrong

_RowT = TypeVar("_RowT", bound=Row)


class _OneKeyEach(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys, silently (YAML 1.2, 3.2.1.1 forbids them)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [one.value for one, _ in node.value]
        if twice := sorted({str(one) for one in keys if keys.count(one) > 1}):
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {', '.join(twice)} is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


def parse_yaml(text: str) -> list[object]:
    """
    Returns:
        Its documents.

    Raises:
        yaml.YAMLError: it is none.
    """
    return list(yaml.load_all(text, _OneKeyEach))


def read_yaml(path: Path, key: str, kind: type[_RowT]) -> _RowT:
    """
    Args:
        path: a file that holds a list.
        key: the field of `kind` that the list is.

    Raises:
        CourseFileError: the file is missing, or says what it must not.
    """
    try:
        documents = parse_yaml(path.read_text(encoding="utf-8"))
        if len(documents) != 1:
            raise CourseFileError(path, f"{len(documents)} documents, one expected")
        return kind.model_validate({key: documents[0]})
    except OSError as error:
        raise CourseFileError(path, error.strerror or str(error)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CourseFileError(path, " ".join(str(error).split())) from None
    except ValidationError as error:
        raise CourseFileError(path, told_wrong(error)) from None
