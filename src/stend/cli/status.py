"""`stend status`."""

from stend.cli.session import Exit, Session
from stend.cli.stand import status_of, target_of
from stend.kit.json import JsonObject


def status_command(session: Session, port_base: int | None, as_json: bool, limits: bool) -> None:
    """Exit code 0: everything is ready; 1: something is not; 2: none runs, or it is silent.

    Args:
        limits: also print what each engine does not do; JSON has it always.
    """
    target = target_of(session, port_base)
    status = status_of(session, target)
    if as_json:
        session.print_json(status or _nothing(target.settings.stand.port_base))
    elif status:
        from stend.cli.screen import print_parts

        print_parts(session, status, limits=limits)
    if not status:
        raise SystemExit(Exit.FAILURE)
    raise SystemExit(Exit.OK if status["ready"] else Exit.DOMAIN_ERROR)


def _nothing(port_base: int) -> JsonObject:
    return {"ready": False, "port_base": port_base, "engines": [], "services": []}
