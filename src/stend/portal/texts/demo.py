"""The live demo of a module: its controls, and how it has ended."""

from collections.abc import Mapping

from stend.kit.languages import Text

TEXTS: Mapping[str, Text] = {
    "demo.run": Text("Запустить", "Run"),
    "demo.running": Text("идёт, до 10 с…", "running, up to 10 s…"),
    "demo.page": Text("То же на странице стенда", "The same on a page of the stand"),
    "demo.empty": Text("Ещё ничего не измерено", "Nothing is measured yet"),
    "demo.empty.what": Text(
        "Поставьте настройки и запустите: всё, что появится здесь, будет измерено на вашем стенде.",
        "Set the controls and run it: whatever appears here is measured on your stand.",
    ),
    "demo.failed": Text("Демонстрация не удалась", "The demo has failed"),
    "demo.late": Text("Остановлена через {seconds} с.", "It was ended after {seconds} s."),
    "demo.trouble.control": Text("Такой настройки нет", "There is no such setting"),
    "demo.trouble.late": Text("Демонстрация не уложилась в срок", "The demo took too long"),
    "demo.trouble.refused": Text("Демонстрация не запустилась", "The demo did not run"),
    "demo.trouble.strange": Text(
        "Демонстрация ответила не так, как умеет читать портал. Это ошибка стенда",
        "The demo answered in a way that the portal cannot read. This is a bug of the stand",
    ),
}
