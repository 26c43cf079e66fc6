"""Every word that `stend new` prints, in both languages."""

from enum import Enum

from stend.kit.languages import Language, Text


class NewText(Enum):
    NEW = Text(
        ru="Создать свой небольшой проект: контракт, сервис, тесты, Dockerfile, README.",
        en="Make a small project of your own: contract, service, tests, Dockerfile, README.",
    )
    KIND = Text(ru="Какой проект; список — с ключом --list.", en="Which project; --list names all.")
    DIR = Text(ru="Новая или пустая папка.", en="Folder, new or empty.")
    NAME = Text(
        ru="Имя проекта; без ключа — имя папки.",
        en="The project's name; that of the folder if left out.",
    )
    README_LANGUAGE = Text(
        ru="Язык README, ru или en; без ключа — язык команды.",
        en="Language of the README, ru or en; that of the command if left out.",
    )
    LIST = Text(ru="Показать, какие бывают проекты.", en="Show which projects there are.")
    NO_SUCH_LANGUAGE = Text(
        ru="Нет README на языке '{name}'. Есть: ru, en.",
        en="There is no README in '{name}'. Known: ru, en.",
    )
    NO_SUCH_KIND = Text(
        ru="Нет проекта '{name}'. Есть: {known}.",
        en="There is no project '{name}'. Known: {known}.",
    )
    WHAT_AND_WHERE = Text(
        ru="Назовите проект и папку: ./stend new rest my-service. Какие бывают: ./stend new --list",
        en="Name the project and a folder: ./stend new rest my-service. All of them: "
        "./stend new --list",
    )
    MADE = Text(
        ru="Проект {name} создан в {folder}, файлов — {count}:",
        en="Made the project {name} in {folder}, {count} files:",
    )
    NEXT = Text(
        ru="Дальше: откройте README.md — как запустить, чем проверить, что поменять первым.",
        en="Next: open README.md, which says how to run it, test it, and what to change first.",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
