"""What `stend notebook` prints."""

from enum import Enum

from stend.kit.languages import Language, Text


class NotebookText(Enum):
    NOTEBOOK = Text(
        ru="Открыть тетради модулей 11–15 в JupyterLab.",
        en="Open the notebooks of modules 11 to 15 in JupyterLab.",
    )
    MODULE = Text(
        ru="Номер модуля, тетрадь которого открыть; без него — список всех.",
        en="Number of the module whose notebook to open; without it, the list of all.",
    )
    ONLY_FILES = Text(
        ru="Только разложить тетради, JupyterLab не запускать: для другого редактора.",
        en="Only lay the notebooks out and start no JupyterLab: for another editor.",
    )
    NO_BROWSER = Text(
        ru="Не открывать браузер, только напечатать адрес.",
        en="Open no browser, only print the address.",
    )

    NEW = Text(ru="новая", en="new")
    KEPT = Text(ru="ваша, оставлена как есть", en="yours, left as it is")
    NONE = Text(
        ru="У модуля {number} нет тетради. Есть у модулей: {known}.",
        en="Module {number} has no notebook. There are some of modules {known}.",
    )
    NO_STAND = Text(
        ru="Стенд не запущен, а ячейки работают с ним. Запустите в другом терминале: ./stend up",
        en="No stand runs, and the cells work with one. Start it in another terminal: ./stend up",
    )
    NO_LAB = Text(
        ru="JupyterLab не установлен: он в дополнении notebooks. Установите: {command}. "
        "Или откройте файлы в другом редакторе тетрадей.",
        en="JupyterLab is not installed: it is in the extra notebooks. Install it: {command}. "
        "Or open the files in another editor of notebooks.",
    )
    STARTING = Text(
        ru="Запускается JupyterLab; остановить — Ctrl+C.",
        en="JupyterLab is starting; Ctrl+C stops it.",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
