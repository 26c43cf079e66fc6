"""Makes keys and certificates (RFC 5280), in memory. The import takes a tenth of a second."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True, slots=True)
class Identity:
    """A key and its certificate, as PEM."""

    key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Validity:
    begin: datetime
    end: datetime


class UnfitAuthorityError(Exception):
    """An authority that cannot sign what is wanted: broken, too old, or for other names."""


def new_authority(names: tuple[str, ...], validity: Validity) -> Identity:
    """An authority that may sign for no other DNS names than these, and for IP addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "stend"),
            x509.NameAttribute(NameOID.COMMON_NAME, "stend: authority of this machine only"),
        ]
    )
    builder = (
        _begun(subject, subject, key.public_key(), validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        # Whoever steals the key of an authority that a browser trusts must not become every site
        # of the world (section 4.2.1.10).
        .add_extension(_permitted(names), critical=True)
    )
    return _identity(key, builder.sign(key, hashes.SHA256()))


def new_leaf(authority: Identity, names: tuple[str, ...], validity: Validity) -> Identity:
    """A server's identity for these names, DNS names and IP addresses.

    Raises:
        UnfitAuthorityError: the authority cannot sign it.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stend")])
    own_names = x509.SubjectAlternativeName([_name(one) for one in names])
    wanted = _Wanted(subject, ExtendedKeyUsageOID.SERVER_AUTH, own_names)
    return _signed(wanted, authority, names, validity)


def new_client(
    authority: Identity, names: tuple[str, ...], common_name: str, validity: Validity
) -> Identity:
    """A client's identity.

    Args:
        names: that the authority must be for.
        common_name: with a space in it. One that could be the name of a machine would have to be
            among the names that the authority may sign for.

    Raises:
        UnfitAuthorityError: the authority cannot sign it.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Partners of Lavka"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    wanted = _Wanted(subject, ExtendedKeyUsageOID.CLIENT_AUTH, None)
    return _signed(wanted, authority, names, validity)


@dataclass(frozen=True, slots=True)
class _Wanted:
    subject: x509.Name
    purpose: x509.ObjectIdentifier
    names: x509.SubjectAlternativeName | None


def _signed(
    wanted: _Wanted, authority: Identity, names: tuple[str, ...], validity: Validity
) -> Identity:
    authority_key, authority_certificate = _loaded(authority)
    _check_fit(authority_certificate, names, validity)
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    builder = (
        _begun(wanted.subject, authority_certificate.subject, key.public_key(), validity)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([wanted.purpose]), critical=False)
        .add_extension(issuer_key, critical=False)
    )
    if wanted.names:
        builder = builder.add_extension(wanted.names, critical=False)
    return _identity(key, builder.sign(authority_key, hashes.SHA256()))


def _loaded(authority: Identity) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        private = serialization.load_pem_private_key(authority.key, password=None)
        public = x509.load_pem_x509_certificate(authority.certificate)
    except ValueError as error:
        raise UnfitAuthorityError(f"broken files: {error}") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise UnfitAuthorityError("a key of another kind than the stand's own")
    if private.public_key() != public.public_key():
        raise UnfitAuthorityError("a key that is not that of the certificate")
    return private, public


def _check_fit(authority: x509.Certificate, names: tuple[str, ...], validity: Validity) -> None:
    if authority.not_valid_after_utc < validity.end:
        raise UnfitAuthorityError(f"ends at {authority.not_valid_after_utc}")
    try:
        permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound as error:
        raise UnfitAuthorityError("may sign for every name") from error
    if permitted != _permitted(names):
        raise UnfitAuthorityError("may sign for other names")


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, validity: Validity
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.begin)
        .not_valid_after(validity.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.IPAddress(address) if address else x509.DNSName(name)


def _permitted(names: tuple[str, ...]) -> x509.NameConstraints:
    # IP addresses cannot be constrained too: BoringSSL, which gRPC is built with, then refuses the
    # authority ("unsupported name constraint type").
    domains = [x509.DNSName(name) for name in names if not _address(name)]
    return x509.NameConstraints(domains, excluded_subtrees=None)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _identity(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> Identity:
    return Identity(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )
