"""[to write: what the learner's contract is asked, in one sentence]

The rules of formats are in `stend.course.formats`: take them instead of writing them here.
"""

from typing import Any

import yaml

from stend.course.case import Case

_FILE = "contract.yaml"


def is_object(case: Case) -> None:
    contract = _contract(case)
    if contract.get("type") != "object":
        case.fail(
            "[написать: что вышло и что обещано] В contract.yaml описан не объект.",
            "[to write: what happened, what was promised] contract.yaml describes no object.",
            expected="type: object",
            got=contract,
            where=_FILE,
        )


def requires_lines(case: Case) -> None:
    required = _contract(case).get("required", [])
    if "lines" not in required:
        case.fail(
            "[написать: что вышло и что обещано] Поле lines необязательно.",
            "[to write: what happened, what was promised] The field lines is not required.",
            expected=["lines"],
            got=required,
            where="/required",
        )


def closed(case: Case) -> None:
    # Nothing can be hard-coded: the field's name is drawn from the dice of the case.
    field, contract = case.word(), _contract(case)
    if contract.get("additionalProperties", True) is not False:
        case.fail(
            f"[написать: что вышло и что обещано] Схема приняла неизвестное поле {field}.",
            f"[to write: what happened, what was promised] The unknown field {field} was taken.",
            expected="additionalProperties: false",
            got=contract.get("additionalProperties"),
            where="/additionalProperties",
        )


def _contract(case: Case) -> dict[str, Any]:
    try:
        contract = yaml.safe_load(case.read(_FILE))
    except yaml.YAMLError as error:
        case.fail(
            f"Файл {_FILE} не читается как YAML.",
            f"{_FILE} cannot be read as YAML.",
            got=str(error),
            where=_FILE,
        )
    if not isinstance(contract, dict):
        case.fail(f"В {_FILE} не объект.", f"{_FILE} holds no object.", got=contract, where=_FILE)
    return contract
