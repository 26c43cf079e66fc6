"""`stend doctor`."""

from typing import Any

from stend.cli.session import Exit, Session
from stend.runtime.doctor import Finding, Verdict, examine

_MARKS = {Verdict.OK: "●", Verdict.WARNING: "◐", Verdict.FAILURE: "✕"}
_COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILURE: "red"}


def doctor_command(session: Session, port_base: int | None, as_json: bool) -> None:
    """Exit code 1 when something would keep the stand from starting."""
    settings = session.settings({"stand.port_base": port_base})
    findings = examine(settings, session.root)
    well = all(finding.verdict is not Verdict.FAILURE for finding in findings)
    if as_json:
        checks = [_as_json(session, finding) for finding in findings]
        session.print_json({"ok": well, "checks": checks})
    else:
        _print(session, findings)
    raise SystemExit(Exit.OK if well else Exit.DOMAIN_ERROR)


def _as_json(session: Session, finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "verdict": finding.verdict,
        "found": finding.found,
        "advice": finding.advice[session.language] if finding.advice else None,
    }


def _print(session: Session, findings: list[Finding]) -> None:
    from stend.cli.screen import console

    for finding in findings:
        mark = f"[{_COLOURS[finding.verdict]}]{_MARKS[finding.verdict]}[/]"
        console().print(f"{mark} [bold]{finding.name:<8}[/] {finding.found}")
        if finding.advice:
            console().print(f"           {finding.advice[session.language]}")
