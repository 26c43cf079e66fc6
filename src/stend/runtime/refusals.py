"""What keeps the stand from starting, told in both languages."""

from stend.kit.languages import Text


class RefusalError(Exception):
    """Nothing was started; `text` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class PortTakenError(RefusalError):
    """A port of the block belongs to another process."""


class AlreadyRunningError(RefusalError):
    """Another process runs this very stand."""
