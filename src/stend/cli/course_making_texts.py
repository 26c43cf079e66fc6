"""What is printed by the commands that make something: `init`, `course new`."""

from enum import Enum

from stend.kit.languages import Language, Text


class MakingText(Enum):
    INIT = Text(
        ru="Создать репозиторий для своих решений.", en="Make a repository for your solutions."
    )
    FOLDER = Text(ru="Папка; может уже быть.", en="The folder; it may exist.")
    LANGUAGE = Text(
        ru="Язык файлов, ru или en; без ключа — язык команды.",
        en="Language of the files, ru or en; without it that of the command.",
    )
    NEW = Text(
        ru="Для авторов: новое задание из шаблона, уже проверяемое.",
        en="For authors: a new exercise from a template that can be tried at once.",
    )
    MODULE = Text(ru="Номер модуля.", en="Number of the module.")
    EXERCISE_NAME = Text(
        ru="Имя задания: строчные латинские буквы, цифры и дефисы.",
        en="Name of the exercise: small letters, digits and hyphens.",
    )
    KIND = Text(ru="design, code или break.", en="design, code or break.")

    DRAFTED = Text(ru="Задание {number}: {folder}", en="Exercise {number}: {folder}")
    TO_WRITE = Text(
        ru="Оно уже проверяется. Осталось написать, мест {count}:",
        en="It can be tried already. Still to be written, places {count}:",
    )
    LINT = Text(
        ru="Остальное скажет ./stend course lint {number}",
        en="./stend course lint {number} tells the rest.",
    )
    MADE = Text(ru="Создано в {folder}:", en="Made in {folder}:")
    GIT_MADE = Text(ru="git: новый репозиторий, ветка main.", en="git: a new repository, main.")
    GIT_THERE = Text(ru="git: репозиторий уже был.", en="git: there was a repository already.")
    GIT_MISSING = Text(
        ru="git не найден, поэтому репозитория нет; файлы от этого не меняются. Позже: git init",
        en="git was not found, so there is no repository; the files are the same. Later: git init",
    )
    GIT_FAILED = Text(
        ru="git отказал, поэтому репозитория нет: {complaint}",
        en="git refused, so there is no repository: {complaint}",
    )
    NAME = Text(
        ru="Имя в отчётах: {name}. Другое впишите в learner.toml.",
        en="The name in reports: {name}. Write another one into learner.toml.",
    )
    PACKAGE = Text(
        ru="На GitHub и в контейнере ставится stend=={version} из индекса пакетов. Если там его "
        "нет, положите в эту папку файл stend-*.whl: README.md говорит, откуда он берётся.",
        en="GitHub and the dev container install stend=={version} from the package index. If it "
        "has none, put a file stend-*.whl into this folder: README.md tells where it comes from.",
    )
    BEGIN = Text(
        ru="Дальше: ./stend course --workspace {folder}",
        en="Next: ./stend course --workspace {folder}",
    )

    def __call__(self, language: Language, **values: object) -> str:
        return self.value[language].format(**values)
