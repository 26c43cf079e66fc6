"""Why a broker has told nothing."""


class NoBrokerAnswerError(Exception):
    """
    Attributes:
        key: of the text that says what it means: `away`, `refused`, `strange`, `large`, …
        detail: what was told.
    """

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(detail)
        self.key = key
        self.detail = detail
