"""Everything the bootstrap says, in English and in Russian, and the choice between the two."""

from __future__ import annotations

import locale
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum


class Language(StrEnum):
    """The languages every text exists in."""

    ENGLISH = "en"
    RUSSIAN = "ru"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages; `{name}` marks a value."""

    en: str
    ru: str

    def say(self, language: Language, values: Mapping[str, object]) -> str:
        """Return the text with its values."""
        chosen = self.ru if language is Language.RUSSIAN else self.en
        return chosen.format_map(values)


class Note(Enum):
    """What is said while all is well."""

    FIRST_RUN = Wording(
        "First run: making the environment in {folder}",
        "Первый запуск: создаётся окружение в {folder}",
    )
    UPDATING = Wording(
        "The lock has changed: updating the environment in {folder}",
        "Список пакетов изменился: обновляется окружение в {folder}",
    )
    ADOPTING = Wording(
        "The environment in {folder} was made by hand: adding what is missing",
        "Окружение в {folder} создано вручную: добавляется недостающее",
    )
    CUT_OFF = Wording(
        "The last installation did not finish: making the environment in {folder} anew",
        "Прошлая установка не закончилась: окружение в {folder} создаётся заново",
    )
    BROKEN = Wording(
        "The Python of the environment has gone: making {folder} anew",
        "Python этого окружения больше нет: {folder} создаётся заново",
    )
    WAITING = Wording(
        "Another stend (process {process}) is installing here: waiting for it",
        "Другой stend (процесс {process}) уже устанавливает пакеты: ждём его",
    )
    READ_ONLY = Wording(
        "{root} cannot be written, so the environment and the state go to {home}",
        "В папку {root} нельзя писать, поэтому окружение и состояние лягут в {home}",
    )
    WITH_TOOL = Wording("{tool} installs {lock}", "{tool} ставит пакеты из {lock}")
    UV_FAILED = Wording(
        "uv could not do it ({reason}); trying pip, which may know another index",
        "uv не справился ({reason}); пробуем pip, он может знать другой индекс",
    )
    FROM_SOURCE = Wording(
        "Some package has no ready-made build for this Python: building from source",
        "У какого-то пакета нет готовой сборки для этого Python: собираем из исходников",
    )
    FETCHING = Wording(
        "{done} of {total} packages, {size} MB, {seconds} s: {current}",
        "пакетов {done} из {total}, {size} МБ, {seconds} с: {current}",
    )
    INSTALLING = Wording(
        "{done} of {total} packages installed, {size} MB, {seconds} s",
        "установлено пакетов {done} из {total}, {size} МБ, {seconds} с",
    )
    COMPILING = Wording(
        "compiling {total} packages, {seconds} s", "компилируется пакетов: {total}, {seconds} с"
    )
    PREPARING = Wording("preparing, {seconds} s", "подготовка, {seconds} с")
    RETRYING = Wording(
        "the package index does not answer, trying again, {seconds} s",
        "индекс пакетов не отвечает, пробуем ещё раз, {seconds} с",
    )
    READY = Wording(
        "Ready: {count} packages, {size} MB on disk, {seconds} s",
        "Готово: пакетов {count}, {size} МБ на диске, {seconds} с",
    )
    STOPPED = Wording(
        "Stopped while installing; nothing is broken. To go on:\n  {retry}",
        "Установка остановлена, ничего не сломано. Чтобы продолжить:\n  {retry}",
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """One kind of failure: its stable code, what happened, what was expected, what to do next."""

    code: str
    what: Wording
    expected: Wording
    next_step: Wording


class Problem(Enum):
    """Every way in which the environment can fail to come about."""

    INDEX_UNREACHABLE = Explanation(
        "index-unreachable",
        Wording(
            "The package index could not be reached.", "Индекс пакетов недоступен (нет сети?)."
        ),
        Wording(
            "a network, or an index or proxy that pip or uv is configured for",
            "сеть либо индекс или прокси, на которые настроен pip или uv",
        ),
        Wording(
            "check the network, the proxy (HTTPS_PROXY) and `pip config list`",
            "проверьте сеть, прокси (HTTPS_PROXY) и `pip config list`",
        ),
    )
    CERTIFICATE_REFUSED = Explanation(
        "certificate-refused",
        Wording(
            "The certificate of the package index is not trusted.",
            "Нет доверия к сертификату индекса пакетов.",
        ),
        Wording(
            "a certificate signed by an authority this machine knows",
            "сертификат, подписанный известным этой машине центром",
        ),
        Wording(
            "behind a company proxy, set SSL_CERT_FILE and PIP_CERT to the company's CA file",
            "за корпоративным прокси укажите файл его CA в SSL_CERT_FILE и PIP_CERT",
        ),
    )
    HASH_MISMATCH = Explanation(
        "hash-mismatch",
        Wording(
            "A downloaded package is not the one in the lock; it was not installed.",
            "Скачан не тот пакет, что записан в списке; он не установлен.",
        ),
        Wording("a file whose hash is in {lock}", "файл, чей хеш есть в {lock}"),
        Wording(
            "find out who changed the file (a proxy, a mirror, a broken cache: `pip cache purge`)",
            "выясните, кто изменил файл (прокси, зеркало, битый кэш: `pip cache purge`)",
        ),
    )
    NO_BUILD = Explanation(
        "no-build-for-python",
        Wording(
            "A package of the lock has no build for this Python.",
            "Для этого Python нет сборки одного из пакетов списка.",
        ),
        Wording(
            "an index that has every package of {lock} for Python {version} on this machine",
            "индекс, где есть все пакеты из {lock} для Python {version} на этой машине",
        ),
        Wording(
            "use another Python (3.11 to 3.13 have the most builds) or a complete index",
            "возьмите другой Python (для 3.11–3.13 сборок больше всего) или полный индекс",
        ),
    )
    DISK_FULL = Explanation(
        "disk-full",
        Wording("The disk is full.", "На диске кончилось место."),
        Wording(
            "about 600 MB free; now free: {free} MB",
            "около 600 МБ свободно; сейчас свободно: {free} МБ",
        ),
        Wording("free some space (or move the folder)", "освободите место (или перенесите папку)"),
    )
    FILE_REFUSED = Explanation(
        "file-refused",
        Wording(
            "A file of the environment could not be written.",
            "Не удалось записать файл окружения.",
        ),
        Wording("write access to {folder}", "право записи в {folder}"),
        Wording(
            "stop a stand that still runs from it and check who owns it",
            "остановите стенд, который из неё ещё работает, проверьте владельца папки",
        ),
    )
    INSTALLER_FAILED = Explanation(
        "installer-failed",
        Wording("{tool} failed with exit code {status}.", "{tool} завершился с кодом {status}."),
        Wording("exit code 0", "код 0"),
        Wording("read its last lines below", "прочтите его последние строки ниже"),
    )
    VENV_MISSING = Explanation(
        "venv-missing",
        Wording(
            "This Python cannot make environments: it has no `venv` or no `ensurepip`.",
            "Этот Python не умеет создавать окружения: нет модуля `venv` или `ensurepip`.",
        ),
        Wording("a complete Python, or uv on PATH", "полный Python или uv в PATH"),
        Wording(
            "on Debian or Ubuntu: sudo apt install python3-venv (or python{version}-venv)",
            "в Debian и Ubuntu: sudo apt install python3-venv (или python{version}-venv)",
        ),
    )
    LOCK_MISSING = Explanation(
        "lock-missing",
        Wording("{lock} cannot be read.", "Файл {lock} не читается."),
        Wording("the list of packages to install", "список пакетов для установки"),
        Wording("restore it: git checkout -- locks", "восстановите его: git checkout -- locks"),
    )
    NOT_AN_ENVIRONMENT = Explanation(
        "not-an-environment",
        Wording(
            "{folder} exists and is not a Python environment; it was left alone.",
            "{folder} существует и не является окружением Python; там ничего не тронуто.",
        ),
        Wording("no such folder, or an environment", "отсутствие такой папки или окружение"),
        Wording("move it away or delete it", "перенесите или удалите её"),
    )
    NOWHERE_TO_WRITE = Explanation(
        "nowhere-to-write",
        Wording(
            "There is nowhere to put the environment: {reasons}.",
            "Окружение некуда положить: {reasons}.",
        ),
        Wording("write access to one of these folders", "право записи в одну из этих папок"),
        Wording(
            "copy the project to a folder of yours, or set XDG_DATA_HOME to one",
            "скопируйте проект в свою папку или укажите её в XDG_DATA_HOME",
        ),
    )
    CANNOT_START = Explanation(
        "cannot-start",
        Wording("{python} cannot be started: {reason}.", "{python} не запускается: {reason}."),
        Wording("the Python of the environment", "Python этого окружения"),
        Wording("delete {folder}", "удалите {folder}"),
    )
    FILE_SYSTEM = Explanation(
        "file-system",
        Wording("The file system refused: {reason}.", "Отказ файловой системы: {reason}."),
        Wording("a folder that can be read and written", "папка, доступная для чтения и записи"),
        Wording("look at the file named above", "проверьте названный файл"),
    )


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that stand before the parts of an error."""

    expected: str
    next_step: str
    again: str
    code: str
    tail: str


LABELS = {
    Language.ENGLISH: Labels(
        "Expected:", "Next:", "Then run:", "Code:", "The last lines of {tool}:"
    ),
    Language.RUSSIAN: Labels(
        "Ожидалось:", "Дальше:", "Повторить:", "Код:", "Последние строки {tool}:"
    ),
}


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language: `--lang`, then STEND_LANG, then the locale of the machine."""
    for place, word in enumerate(arguments):
        if word.startswith("--lang="):
            return _language(word.removeprefix("--lang="))
        if word == "--lang" and place + 1 < len(arguments):
            return _language(arguments[place + 1])
    for name in ("STEND_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return _language(environment[name])
    # Windows keeps its locale elsewhere and spells it Russian_Russia.
    return _language(locale.getlocale()[0] or "")


def _language(name: str) -> Language:
    return Language.RUSSIAN if name.lower().startswith("ru") else Language.ENGLISH
