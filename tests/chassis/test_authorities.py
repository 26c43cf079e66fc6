"""Certificates of authorities are read where somebody shows one, and once."""

import ssl

from stend.chassis.authorities import authorities_for


def test_over_https_the_authorities_are_known_and_read_once() -> None:
    context = authorities_for("https://127.0.0.1:8443/api")
    assert context.cert_store_stats()["x509_ca"] > 0
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert authorities_for("https://example.org") is context


def test_whoever_is_led_from_http_to_https_believes_nobody() -> None:
    context = authorities_for("http://127.0.0.1:8000")
    assert context.cert_store_stats()["x509_ca"] == 0
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
