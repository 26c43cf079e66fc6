"""The controls of a demo, as `demo.toml` tells them, and what may be set with them."""

import math
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from stend.course.errors import CourseError, CourseFileError
from stend.course.model import Name, Row, Words, told_wrong
from stend.kit.json import JsonValue
from stend.kit.languages import Text

DEMO_FILE = "demo.toml"
DEMO_PROGRAM = "demo.py"
_CLOSE = 1e-6
_ON, _OFF = frozenset({"true", "on", "1"}), frozenset({"false", "off", "0", ""})


class WrongControlError(CourseError):
    """A control is set to what it does not offer, or there is no such control."""


class ControlKind(StrEnum):
    SLIDER = "slider"
    CHOICE = "choice"
    SWITCH = "switch"


class OptionRow(Row):
    id: Name
    label: Words


class SliderRow(Row):
    """
    Attributes:
        unit: as it is written behind the number, the same in both languages: `ms`.
        value: where it stands at first.
    """

    id: Name
    label: Words
    kind: Literal["slider"]
    least: float
    most: float
    step: Annotated[float, Field(gt=0)]
    value: float
    unit: Annotated[str, Field(max_length=12)] = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.least < self.most:
            raise ValueError("least has to be below most")
        if not self.offers(self.value):
            raise ValueError(f"value {self.value:g} is none that the slider offers")
        return self

    def offers(self, value: JsonValue) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        steps = (value - self.least) / self.step
        return self.least <= value <= self.most and math.isclose(
            steps, round(steps), abs_tol=_CLOSE
        )

    @property
    def offered(self) -> str:
        return f"{self.least:g} … {self.most:g}, {self.step:g}"

    def parsed(self, text: str) -> JsonValue:
        try:
            return float(text)
        except ValueError:
            return text


class ChoiceRow(Row):
    id: Name
    label: Words
    kind: Literal["choice"]
    options: Annotated[tuple[OptionRow, ...], Field(min_length=2, max_length=12, strict=False)]
    value: Name

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.offers(self.value):
            raise ValueError(f"value {self.value} is no option")
        return self

    def offers(self, value: JsonValue) -> bool:
        return any(one.id == value for one in self.options)

    @property
    def offered(self) -> str:
        return ", ".join(one.id for one in self.options)

    def parsed(self, text: str) -> JsonValue:
        return text


class SwitchRow(Row):
    id: Name
    label: Words
    kind: Literal["switch"]
    value: bool

    def offers(self, value: JsonValue) -> bool:
        return isinstance(value, bool)

    @property
    def offered(self) -> str:
        return "true, false"

    def parsed(self, text: str) -> JsonValue:
        word = text.lower()
        return True if word in _ON else False if word in _OFF else text


ControlRow = Annotated[SliderRow | ChoiceRow | SwitchRow, Field(discriminator="kind")]


class DemoRow(Row):
    """`demo.toml`.

    Attributes:
        page: of the stand, where it shows the thing better.
    """

    title: Words
    summary: Words
    controls: Annotated[tuple[ControlRow, ...], Field(min_length=1, max_length=6, strict=False)]
    page: Annotated[str, Field(pattern=r"^/[a-z/-]*$")] | None = None

    @model_validator(mode="after")
    def _differ(self) -> Self:
        ids = [one.id for one in self.controls]
        if len(set(ids)) < len(ids):
            raise ValueError("two controls have the same id")
        return self

    def set_to(self, given: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """How all controls stand when these are set and the others are left as they are.

        Raises:
            WrongControlError: there is no such control, or it does not offer that.
        """
        known = {one.id: one for one in self.controls}
        for name, value in given.items():
            if name not in known:
                raise _wrong(name, value, ", ".join(known))
            if not known[name].offers(value):
                raise _wrong(name, value, known[name].offered)
        return {name: given.get(name, one.value) for name, one in known.items()}

    def parsed(self, given: Mapping[str, str]) -> Mapping[str, JsonValue]:
        """The same of texts, as a form or a command line has them.

        Raises:
            WrongControlError: as `set_to`.
        """
        known = {one.id: one for one in self.controls}
        parsed = {
            name: known[name].parsed(text) if name in known else text
            for name, text in given.items()
        }
        return self.set_to(parsed)


def read_demo(module: Path) -> DemoRow | None:
    """
    Args:
        module: its folder.

    Returns:
        None where the module has no demo.

    Raises:
        CourseFileError: a file is missing, or says what it must not.
    """
    path, program = module / DEMO_FILE, module / DEMO_PROGRAM
    if not (path.is_file() or program.is_file()):
        return None
    if not program.is_file():
        raise CourseFileError(program, "there is no such file")
    try:
        return DemoRow.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CourseFileError(path, error.strerror or str(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseFileError(path, str(error)) from None
    except ValidationError as error:
        raise CourseFileError(path, told_wrong(error)) from None


def _wrong(name: str, value: JsonValue, offered: str) -> WrongControlError:
    shown = str(value)[:40]
    return WrongControlError(
        Text(
            ru=f"{name} = {shown}: так демонстрацию не настроить. Можно: {offered}",
            en=f"{name} = {shown}: the demo has no such setting. There is: {offered}",
        )
    )
