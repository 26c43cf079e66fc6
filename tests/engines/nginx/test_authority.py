"""The authority of this machine: made once, kept, and its certificate renewed in time."""

import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from stend.engines.nginx.authority import LEAF_LIFE, RENEW_BEFORE, Authority

START = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)


@dataclass(slots=True)
class HeldClock:
    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def authority(tmp_path: Path, clock: HeldClock) -> Authority:
    made = Authority(tmp_path / "tls", ("stand.local",), clock)
    made.ensure()
    return made


def files_of(authority: Authority) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in authority.folder.iterdir()}


def chain_of(authority: Authority) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(authority.gateway_path.read_bytes())


def partner_of(authority: Authority) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.partner_path.read_bytes())


def test_keys_are_for_their_owner_only(authority: Authority) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in authority.folder.iterdir()}
    assert modes == {
        "ca.key": 0o600,
        "ca.pem": 0o644,
        "gateway.pem": 0o600,
        "partner.pem": 0o600,
    }


def test_the_leaf_is_what_browsers_accept(authority: Authority) -> None:
    leaf, root = chain_of(authority)
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    assert leaf.public_key().curve.name == "secp256r1"  # type: ignore[union-attr]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "stand.local"]
    addresses = [ip_address("127.0.0.1"), ip_address("::1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)
    assert leaf.not_valid_before_utc < START < leaf.not_valid_after_utc
    assert root == x509.load_pem_x509_certificate(authority.ca_path.read_bytes())


def test_the_partners_certificate_is_good_for_a_client_only(authority: Authority) -> None:
    partner, (leaf, root) = partner_of(authority), chain_of(authority)
    partner.verify_directly_issued_by(root)
    purposes = [
        list(one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        for one in (partner, leaf)
    ]
    assert purposes == [[ExtendedKeyUsageOID.CLIENT_AUTH], [ExtendedKeyUsageOID.SERVER_AUTH]]
    assert partner.subject.rfc4514_string() == "CN=Demo partner,O=Partners of Lavka"


@pytest.mark.parametrize("name", ["localhost", "stand.local", "127.0.0.1", "::1"])
def test_the_chain_is_valid_by_the_rules_of_the_web(authority: Authority, name: str) -> None:
    leaf, root = chain_of(authority)
    is_address = name[0] in "1:"
    subject = x509.IPAddress(ip_address(name)) if is_address else x509.DNSName(name)
    policy = PolicyBuilder().store(Store([root]))
    policy.time(START).build_server_verifier(subject).verify(leaf, [])
    late = policy.time(START + LEAF_LIFE)
    with pytest.raises(VerificationError):
        late.build_server_verifier(subject).verify(leaf, [])


def test_the_authority_may_not_sign_for_the_rest_of_the_world(authority: Authority) -> None:
    (_, root) = chain_of(authority)
    allowed = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert allowed.critical
    assert allowed.value.permitted_subtrees == [
        x509.DNSName("localhost"),
        x509.DNSName("stand.local"),
    ]


def test_nothing_is_made_anew_while_it_lasts(authority: Authority, clock: HeldClock) -> None:
    before = files_of(authority)
    clock.moment += LEAF_LIFE - RENEW_BEFORE - timedelta(hours=2)
    authority.ensure()
    assert files_of(authority) == before


def test_the_leaf_is_renewed_a_month_ahead_and_the_authority_stays(
    authority: Authority, clock: HeldClock
) -> None:
    before = files_of(authority)
    clock.moment += LEAF_LIFE - RENEW_BEFORE
    authority.ensure()
    after = files_of(authority)
    assert (after["ca.pem"], after["ca.key"]) == (before["ca.pem"], before["ca.key"])
    assert after["gateway.pem"] != before["gateway.pem"]
    for renewed in (chain_of(authority)[0], partner_of(authority)):
        assert renewed.not_valid_after_utc > clock.moment + RENEW_BEFORE


def test_an_authority_that_would_end_before_its_leaf_is_replaced(
    authority: Authority, clock: HeldClock
) -> None:
    before = files_of(authority)
    clock.moment += timedelta(days=3650 - 300)
    authority.ensure()
    assert files_of(authority)["ca.pem"] != before["ca.pem"]


def test_another_host_gets_another_certificate(authority: Authority, clock: HeldClock) -> None:
    before = files_of(authority)
    Authority(authority.folder, ("192.0.2.1",), clock).ensure()
    assert files_of(authority)["ca.pem"] != before["ca.pem"]
    leaf, root = chain_of(authority)
    subject = x509.IPAddress(ip_address("192.0.2.1"))
    verifier = PolicyBuilder().store(Store([root])).time(START).build_server_verifier(subject)
    verifier.verify(leaf, [])
    kept = files_of(authority)
    Authority(authority.folder, ("192.0.2.2",), clock).ensure()
    # An address is within what the authority may sign for.
    assert files_of(authority)["ca.pem"] == kept["ca.pem"]


@pytest.mark.parametrize("lost", ["ca.pem", "ca.key", "gateway.pem", "partner.pem"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\n"])
def test_what_is_lost_or_broken_is_made_again(
    authority: Authority, clock: HeldClock, lost: str, content: bytes | None
) -> None:
    path = authority.folder / lost
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    # The key of the authority is needed for the next leaf only.
    clock.moment += LEAF_LIFE
    authority.ensure()
    leaf, root = chain_of(authority)
    assert root == x509.load_pem_x509_certificate(authority.ca_path.read_bytes())
    leaf.verify_directly_issued_by(root)
    partner_of(authority).verify_directly_issued_by(root)
    assert sorted(files_of(authority)) == ["ca.key", "ca.pem", "gateway.pem", "partner.pem"]


def test_a_key_of_another_authority_is_not_used(
    authority: Authority, clock: HeldClock, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other", ("stand.local",), clock)
    other.ensure()
    (authority.folder / "ca.pem").write_bytes(other.ca_path.read_bytes())
    authority.ensure()
    leaf, root = chain_of(authority)
    assert root == x509.load_pem_x509_certificate(authority.ca_path.read_bytes())
    leaf.verify_directly_issued_by(root)
