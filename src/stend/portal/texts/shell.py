"""The frame around every page: bar, rail, and the pages that say that something went wrong."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "shell.skip": Text("К содержанию", "Skip to content"),
    "shell.menu": Text("Меню", "Menu"),
    "shell.sections": Text("Разделы", "Sections"),
    "shell.language": Text("Язык", "Language"),
    "shell.theme": Text("Тема: светлая или тёмная", "Theme: light or dark"),
    "shell.copy": Text("Скопировать: {value}", "Copy: {value}"),
    "shell.copied": Text("Скопировано", "Copied"),
    "shell.ready": Text("готово {ready} из {total}", "{ready} of {total} ready"),
    "shell.no_parts": Text("частей нет", "no parts"),
    "shell.stale": Text("нет ответа с {time}", "no answer since {time}"),
    "shell.stale_retry": Text("повтор каждые 2 с", "retrying every 2 s"),
    "nav.stand": Text("Стенд", "Stand"),
    "nav.playground": Text("Песочница", "Playground"),
    "nav.tokens": Text("Токены", "Tokens"),
    "nav.errors": Text("Ошибки", "Errors"),
    "nav.reference": Text("Справка API", "API reference"),
    "state.starting": Text("запускается", "starting"),
    "state.ready": Text("работает", "ready"),
    "state.failed": Text("отказ", "failed"),
    "state.stopped": Text("не запущен", "not started"),
    "failure.404.title": Text("Такой страницы нет", "There is no such page"),
    "failure.404.what": Text(
        "По адресу {path} ничего нет.",
        "Nothing is at {path}.",
    ),
    "failure.404.next": Text(
        "Проверьте адрес или начните со стенда.",
        "Check the address or start from the stand.",
    ),
    "failure.405.title": Text("Метод не подходит", "Method not allowed"),
    "failure.405.what": Text(
        "Страница {path} не принимает {method}.",
        "The page {path} does not accept {method}.",
    ),
    "failure.405.next": Text(
        "Откройте её ссылкой или из раздела слева.",
        "Open it by a link or from the sections on the left.",
    ),
    "failure.413.title": Text("Сообщение слишком велико", "Message too large"),
    "failure.413.what": Text(
        "Форма больше, чем читает портал: предел {limit}.",
        "The form is larger than the portal reads: the limit is {limit}.",
    ),
    "failure.413.next": Text(
        "Уберите строки или сократите тексты.",
        "Remove lines or shorten the texts.",
    ),
    "failure.500.title": Text("Ошибка в портале", "A bug in the portal"),
    "failure.500.what": Text(
        "Портал не смог построить страницу {path}.",
        "The portal could not build the page {path}.",
    ),
    "failure.500.next": Text(
        "Подробности в журнале: ./stend logs. Сообщите о них, пожалуйста.",
        "The log has the details: ./stend logs. Please report them.",
    ),
    "failure.home": Text("К стенду", "To the stand"),
}
