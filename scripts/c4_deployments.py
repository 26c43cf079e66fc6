"""The pictures of `docs/c4.md` that tell where the stand runs: a laptop, Compose, Kubernetes."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from stend.kit.languages import Language, Text
from stend.portal.wires import ENGINES, engine_of
from stend.runtime.addresses import addresses_of
from stend.runtime.engines import Engine, engines_of
from stend.runtime.services import PLANS
from stend.runtime.settings import parse

COMPOSE_FILE = Path(__file__).resolve().parent.parent / "deploy" / "compose" / "compose.yaml"
LAPTOP = Text(
    en="""\
## Deployment: a laptop

By default everything runs on one machine. The services share one process with the portal and the
taps; every engine is a process of its own, or several.
""",
    ru="""\
## Развёртывание: ноутбук

По умолчанию всё работает на одной машине. Сервисы живут в одном процессе с порталом и отводами, а
каждый движок — отдельный процесс или несколько.
""",
)
COMPOSE = Text(
    en="""\
## Deployment: Compose

Each service in a container of its own, real engines, no portal and no taps. What starts is told by
the profile: [Docker Compose](compose.md).
""",
    ru="""\
## Развёртывание: Compose

Каждый сервис в своём контейнере, движки настоящие, портала и отводов нет. Что запускается, решает
профиль: [«Docker Compose»](compose.ru.md).
""",
)
KUBERNETES = Text(
    en="""\
## Deployment: Kubernetes

One chart, two layouts. A stand is one pod with everything in it, one release for each learner; the
services apart want engines of yours: [Kubernetes](kubernetes.md).
""",
    ru="""\
## Развёртывание: Kubernetes

Чарт один, раскладки две. Стенд — это один pod, в котором всё, по релизу на учащегося; сервисам
порознь нужны ваши движки: [«Kubernetes»](kubernetes.ru.md).
""",
)
CLIENTS = Text(ru="Клиенты", en="Clients")
ONE_MACHINE = Text(ru="Ваша машина", en="Your machine")
ONE_PROCESS = Text(ru="процесс stend", en="the process stend")
STATE = Text(ru="папка .stend", en="folder .stend")
PROCESSES = Text(ru="Процессы движков", en="Processes of the engines")
BESIDE = Text(ru="портал и отводы", en="portal and taps")
VOLUME = Text(ru="том с состоянием", en="volume with the state")
ALL_OF_IT = Text(ru="портал, отводы, сервисы, движки", en="portal, taps, services, engines")
YOURS = Text(ru="ваши движки: операторы или адреса", en="engines of yours: operators or URLs")
EACH = Text(ru="у каждого свои pod-ы", en="pods of its own for each")


def laptop(language: Language) -> Iterator[str]:
    """Processes of one machine."""
    settings = parse({}, {}, {})
    yield "flowchart LR"
    yield f'    client(["{CLIENTS[language]}"])'
    yield f'    subgraph machine["{ONE_MACHINE[language]}"]'
    yield f'        subgraph one["{ONE_PROCESS[language]}"]'
    yield "            direction LR"
    yield f'            services("{_bold(PLANS)}")'
    yield f'            portal("{BESIDE[language]}")'
    yield "        end"
    yield f'        subgraph engines["{PROCESSES[language]}"]'
    yield "            direction LR"
    for engine in engines_of(settings, addresses_of(settings), Path()):
        yield f"            {_process(engine)}"
    yield "        end"
    yield f'        state[/"{STATE[language]}"/]'
    yield "    end"
    yield "    client --> one"
    yield "    one --> engines"
    yield "    engines --> state"


def _process(engine: Engine) -> str:
    ports = ", ".join(str(port) for port in sorted({one.port for one in engine.addresses}))
    return f'{engine.name}[("<b>{engine_of(engine.name).name}</b><br/>{engine.label}<br/>{ports}")]'


def compose(language: Language) -> Iterator[str]:
    """Containers by the profile that starts them, as the file has them."""
    containers: dict[str, dict[str, Any]] = yaml.safe_load(
        COMPOSE_FILE.read_text(encoding="utf-8")
    )["services"]
    engines = [name for name, one in containers.items() if "core" in one["profiles"]]
    watching = [name for name, one in containers.items() if one["profiles"] == ["monitoring"]]
    yield "flowchart LR"
    yield f'    client(["{CLIENTS[language]}"])'
    yield '    subgraph full["full"]'
    yield "        direction LR"
    yield f'        gateway[("<b>nginx</b><br/>{_image(containers["nginx"])}")]'
    yield f'        services("{_bold(name for name in containers if name in PLANS)}")'
    yield '        subgraph core["core"]'
    yield "            direction LR"
    for name in engines:
        yield f'            {name}[("<b>{name}</b><br/>{_image(containers[name])}")]'
    yield "        end"
    yield "        gateway --> services"
    yield "        services --> core"
    yield "    end"
    yield f'    watching("<b>monitoring</b><br/>{"<br/>".join(watching)}")'
    yield "    client --> gateway"
    yield "    watching --> full"


def _image(container: dict[str, Any]) -> str:
    image: str = container["image"]
    return image.rpartition("/")[2]


def kubernetes(language: Language) -> Iterator[str]:
    """Both layouts of the chart."""
    yield "flowchart LR"
    yield f'    client(["{CLIENTS[language]}"])'
    yield '    subgraph stand["layout: stand"]'
    yield f'        pod("<b>pod</b><br/>{ALL_OF_IT[language]}")'
    yield f'        volume[/"{VOLUME[language]}"/]'
    yield "        pod --> volume"
    yield "    end"
    yield '    subgraph services["layout: services"]'
    yield f'        shop("{_bold(PLANS)}<br/>{EACH[language]}")'
    yield "    end"
    engines = ", ".join(wire.name for name, wire in ENGINES.items() if name != "nginx")
    yield f'    yours[("{YOURS[language]}<br/>{engines}")]'
    yield "    client --> pod"
    yield "    client --> shop"
    yield "    shop --> yours"


def _bold(names: Iterable[str]) -> str:
    return "<br/>".join(f"<b>{name}</b>" for name in names)
