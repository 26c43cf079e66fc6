"""`stend migrate [SERVICE…]`."""

import sys
from typing import Any

from stend.cli.session import Exit, Session
from stend.cli.texts import T


def migrate_command(
    session: Session, services: list[str], wait_s: float, port_base: int | None, as_json: bool
) -> None:
    """Exit code 2 when a store cannot be reached or refuses; what was done before it stays."""
    from stend.runtime.migrating import MIGRATING, Done, migrate
    from stend.runtime.refusals import RefusalError

    for name in services:
        if name not in MIGRATING:
            session.fail(T.NOTHING_TO_MIGRATE, name=name, known=", ".join(MIGRATING))
    settings = session.settings({"stand.port_base": port_base})
    done: list[dict[str, Any]] = []

    def tell(one: Done) -> None:
        before, after = one.migrated.before, one.migrated.after
        names = {"name": one.service, "engine": one.engine}
        done.append(
            {"service": one.service, "engine": one.engine, "before": before, "after": after}
        )
        if as_json:
            return
        if after is None:
            session.say(T.MIGRATED_UNVERSIONED, **names)
        elif before == after:
            session.say(T.MIGRATED_ALREADY, version=after, **names)
        else:
            session.say(T.MIGRATED, before=before or "–", after=after, **names)

    try:
        migrate(settings, session.root, services or MIGRATING, wait_s, tell)
    except RefusalError as error:
        print(error.text[session.language], file=sys.stderr)  # noqa: T201 - the output
        raise SystemExit(Exit.FAILURE) from None
    if as_json:
        session.print_json({"services": done})
