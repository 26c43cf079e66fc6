"""A client of the learner's storefront that knows what its store was asked meanwhile."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from stend.course.case import Case

from . import reference

_TIMEOUT_S = 10.0
_SHOWN = 300
RESPONSE, JSON = "application/graphql-response+json", "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """
    Attributes:
        queries: that have come to the store meanwhile.
    """

    response: httpx.Response
    queries: Sequence[tuple[str, Mapping[str, Any]]]

    @property
    def told(self) -> str:
        """The answer as it was on the wire."""
        lines = [f"HTTP/1.1 {self.response.status_code} {self.response.reason_phrase}"]
        lines += [f"{name}: {value}" for name, value in self.response.headers.items()]
        return "\n".join([*lines, "", self.response.text])

    @property
    def body(self) -> Any:
        try:
            told = self.response.json()
        except ValueError:
            told = None
        return told if isinstance(told, dict) else {}

    @property
    def data(self) -> Any:
        told = self.body.get("data")
        return told if isinstance(told, dict) else {}

    @property
    def errors(self) -> Sequence[Any]:
        told = self.body.get("errors")
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []

    @property
    def asked(self) -> str:
        return "\n".join(f"{name} {json.dumps(told)}"[:120] for name, told in self.queries)


class Storefront:
    """The service of the learner's, started over a store of ours."""

    def __init__(self, case: Case) -> None:
        self._case = case
        server = case.opened(reference.serving(case))
        self.store: Any = server.catalogue
        self.reference: Any = reference.Reference(self.store)
        host, port = server.server_address
        url = case.service({"STORE": f"{host}:{port}"})
        client = httpx.Client(base_url=url, timeout=_TIMEOUT_S, trust_env=False)
        self._client = case.opened(client)

    def asked(self, method: str, **sent: Any) -> Answer:
        before = len(self.store.queries)
        try:
            response = self._client.request(method, "/graphql", **sent)
        except httpx.TimeoutException:
            shown = str(sent.get("json") or sent.get("params") or sent)[:_SHOWN]
            self._case.fail(
                f"Ответа нет за {_TIMEOUT_S:g} с. Запрос: {shown}",
                f"There was no answer within {_TIMEOUT_S:g} s. The query: {shown}",
                expected="an answer, be it a refusal",
                got=shown,
            )
        except httpx.HTTPError as error:
            self._case.check_alive()
            self._case.fail(
                f"Сервис оборвал соединение: {error}.",
                f"The service broke the connection: {error}.",
                got=str(error),
            )
        return Answer(response, self.store.queries[before:])

    def post(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        accept: str = RESPONSE,
        **more: str,
    ) -> Answer:
        body: dict[str, Any] = {"query": query, **more}
        if variables is not None:
            body["variables"] = variables
        return self.asked("POST", json=body, headers={"Accept": accept})

    def get(self, query: str, variables: Mapping[str, Any]) -> Answer:
        parameters = {"query": query, "variables": json.dumps(variables)}
        return self.asked("GET", params=parameters, headers={"Accept": RESPONSE})

    def compare(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        ru: str = "",
        en: str = "",
    ) -> Answer:
        """The data are those of the reference, and so are the places and the codes of errors.

        Args:
            ru, en: what comes before the sentence.
        """
        expected = self.reference.run(query, variables).formatted
        answer = self.post(query, variables)
        shown = query if variables is None else f"{query}\n{json.dumps(variables)}"
        if answer.response.status_code != 200:
            status = answer.response.status_code
            self._case.fail(
                f"{ru}Сервис ответил {status}, а ждали 200. Запрос: {shown}",
                f"{en}The service answered {status}; 200 was expected. The query: {shown}",
                expected=expected,
                got=answer.told,
            )
        if answer.body.get("data") is None and expected["data"] is not None and answer.errors:
            told = answer.errors[0].get("message")
            self._case.fail(
                f"{ru}Сервис не выполнил запрос: {told} Запрос: {shown}",
                f"{en}The service did not execute the query: {told} The query: {shown}",
                expected=expected,
                got=answer.told,
            )
        if answer.body.get("data") != expected["data"]:
            self._case.fail(
                f"{ru}В data не то, что лежит в хранилище. Запрос: {shown}",
                f"{en}The data are not what the store has. The query: {shown}",
                expected=expected,
                got=answer.told,
            )
        if places(answer.errors) != places(expected.get("errors", ())):
            self._case.fail(
                f"{ru}Ошибки не те: у каждой path до поля и свой extensions.code. Запрос: {shown}",
                f"{en}The errors are others: each has the path to its field and an "
                f"extensions.code of its own. The query: {shown}",
                expected=expected,
                got=answer.told,
            )
        return answer

    def expect(self, answer: Answer, status: int, what: str, kind: str | None = None) -> None:
        """
        Args:
            what: was sent, as it stands on the wire.
            kind: media type of the answer.
        """
        if answer.response.status_code != status:
            got = answer.response.status_code
            self._case.fail(
                f"{what}: ответ {got}, а нужен {status}.",
                f"{what}: the answer is {got}; {status} is expected.",
                expected=str(status),
                got=answer.told,
            )
        media_type = answer.response.headers.get("Content-Type", "").partition(";")[0].strip()
        if kind is not None and media_type != kind:
            self._case.fail(
                f"{what}: ответ пришёл как {media_type}, а клиент просил {kind}.",
                f"{what}: the answer came as {media_type}; the client had asked for {kind}.",
                expected=f"Content-Type: {kind}",
                got=answer.told,
            )

    def expect_same(self, one: Answer, other: Answer, what: str) -> None:
        self.expect(one, 200, what)
        if one.body != other.body:
            self._case.fail(
                f"{what}: ответ не тот, что на такой же POST.",
                f"{what}: the answer is not that to the same POST.",
                expected=other.body,
                got=one.told,
            )

    def expect_request_error(self, answer: Answer, what: str) -> None:
        """Execution did not begin: 400, errors, no data."""
        self.expect(answer, 400, what)
        if "data" in answer.body or not answer.errors:
            self._case.fail(
                f"Запрос не выполняли: в ответе нужны errors и не должно быть data. {what}",
                f"Nothing was executed: the answer needs errors, and no data. {what}",
                expected='{"errors": […]}',
                got=answer.told,
            )

    def expect_executed(self, query: str, variables: Mapping[str, Any], what: str) -> None:
        """Within the bounds, if only just."""
        answer = self.post(query, variables)
        if answer.response.status_code != 200 or not answer.data or not answer.queries:
            self._case.fail(
                f"Запрос ({what}) в границах, а сервис его не выполнил: {query[:_SHOWN]}",
                f"The query ({what}) is within the bounds, and the service did not execute it: "
                f"{query[:_SHOWN]}",
                expected="200, data",
                got=answer.told,
            )

    def expect_refused(
        self, query: str, variables: Mapping[str, Any], code: str, what: str
    ) -> None:
        """A request error with this code, before the store was asked."""
        answer = self.post(query, variables)
        self.expect_request_error(answer, f"{what}: {query[:_SHOWN]}")
        if [code_of(one) for one in answer.errors] != [code] or answer.queries:
            self._case.fail(
                f"Отказ ({what}) приходит до выполнения, с кодом {code}.",
                f"The refusal ({what}) comes before execution, with the code {code}.",
                expected=code,
                got=f"{answer.asked}\n{answer.told}".strip(),
            )


def places(errors: Sequence[Any]) -> list[str]:
    return sorted(json.dumps([one.get("path"), code_of(one)]) for one in errors)


def code_of(error: Any) -> Any:
    extensions = error.get("extensions")
    return extensions.get("code") if isinstance(extensions, dict) else None
