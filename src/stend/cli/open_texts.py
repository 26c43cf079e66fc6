"""Every word that `stend open` prints, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class OpenText(Enum):
    OPEN = Text(
        ru="Открыть сохранённую сессию в браузере, без стенда. Ctrl-C закрывает.",
        en="Open a saved session in the browser, without a stand. Ctrl-C closes it.",
    )
    FILE = Text(
        ru="Файл сессии, как его пишет tap export.", en="A session file, as tap export writes it."
    )
    PORT = Text(
        ru="Порт на 127.0.0.1; без ключа — любой свободный.",
        en="Port on 127.0.0.1; any free one if left out.",
    )
    NO_BROWSER = Text(
        ru="Не открывать страницы в браузере.", en="Do not open the pages in a browser."
    )
    JSON = Text(
        ru="Напечатать адрес и что в файле в JSON.",
        en="Print the address and what the file holds as JSON.",
    )
    OPENED = Text(
        ru="Сессия от {saved_at}, stend {stend}: обменов — {exchanges}, трасс — {traces}.",
        en="Session of {saved_at}, stend {stend}: {exchanges} exchanges, {traces} traces.",
    )
    FAULT = Text(
        ru="Стоял сбой: {kind} на {source}:{target}, зерно {seed}.",
        en="A fault was set: {kind} on {source}:{target}, seed {seed}.",
    )
    AT = Text(ru="Страницы: {url}", en="Pages: {url}")
    HINT = Text(ru="Только чтение. Ctrl-C — закрыть.", en="Read only. Ctrl-C closes it.")

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
