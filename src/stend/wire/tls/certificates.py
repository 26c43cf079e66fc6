"""What a certificate says of itself."""

from stend.wire.decoding import Undecodable


def certificate_line(der: bytes) -> str:
    """Subject, issuer and until when it is valid.

    Raises:
        Undecodable: it is no certificate.
    """
    from cryptography import x509

    try:
        one = x509.load_der_x509_certificate(der)
        subject, issuer = one.subject.rfc4514_string(), one.issuer.rfc4514_string()
        until = one.not_valid_after_utc.isoformat()
    # Some oddities of certificates are warnings, which a caller may have made errors.
    except (ValueError, TypeError, x509.InvalidVersion, Warning) as error:
        raise Undecodable(
            "это не сертификат X.509 в DER", "this is no X.509 certificate in DER", 0
        ) from error
    return f"{subject}; issuer {issuer}; until {until}"
