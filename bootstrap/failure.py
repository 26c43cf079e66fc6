"""The one exception of the bootstrap."""

from __future__ import annotations

from bootstrap.texts import Problem


class BootstrapError(Exception):
    """The environment could not be made.

    Args:
        problem: which of the known ways to fail.
        tool: the installer whose output is shown.
        tail: the last lines of its output.
        values: what the texts of the problem name.
    """

    def __init__(
        self, problem: Problem, *, tool: str = "", tail: tuple[str, ...] = (), **values: object
    ) -> None:
        super().__init__(problem.value.code)
        self.problem = problem
        self.tool = tool
        self.tail = tail
        self.values = values
