"""`stend certificates FOLDER`."""

from collections.abc import Sequence
from pathlib import Path

from stend.cli.certificates_texts import CertificatesText
from stend.cli.session import Session


def certificates_command(
    session: Session, folder: Path, names: Sequence[str], as_json: bool
) -> None:
    from stend.runtime.certificates import CertificatesError, ensure_certificates
    from stend.runtime.system import SystemClock

    try:
        made = ensure_certificates(folder, names, SystemClock())
    except CertificatesError as error:
        session.fail_with(error.text)
    paths = {
        CertificatesText.AUTHORITY: made.authority,
        CertificatesText.GATEWAY: made.gateway,
        CertificatesText.PARTNER: made.partner,
    }
    if as_json:
        session.print_json(
            {
                **{text.name.lower(): str(path) for text, path in paths.items()},
                "names": list(made.names),
                "valid_until": made.valid_until.isoformat(),
                "made": made.made,
            }
        )
        return
    said = CertificatesText.MADE if made.made else CertificatesText.KEPT
    names_told = ", ".join(made.names)
    print(said(session.language, names=names_told, until=made.valid_until.date()))  # noqa: T201
    for text, path in paths.items():
        print(text(session.language, path=path))  # noqa: T201 - this is the output
