"""The gateway's nginx.conf, as text. Paths are relative to NGINX's prefix, the gateway's home."""

import json
from dataclasses import dataclass
from string import Template

from stend.kit.errors import EdgeErrorCode

# Relative to the home.
CERTIFICATES = "tls"
CERTIFICATE = f"{CERTIFICATES}/gateway.pem"
AUTHORITY = f"{CERTIFICATES}/ca.pem"
# Paths below it are for who shows a certificate of a client.
PARTNER_PATH = "/partner"
# Who has shown one, for what stands behind the gateway.
SUBJECT_HEADER = "X-Client-Subject"
PID_FILE = "nginx.pid"
# Of requests over HTTP; services have limits of their own, smaller ones, and answer in their own
# words. It only keeps the disk from being filled, as a body is buffered before it is passed on.
MAX_BODY_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    Attributes:
        http_upstream, grpc_upstream, delivery_upstream: `host:port` of what stands behind the
            gateway; the last takes the calls of gRPC to `delivery`.
        run_as: user and group of the workers; None: whoever starts them.
    """

    host: str
    http_port: int
    https_port: int
    http_upstream: str
    grpc_upstream: str
    delivery_upstream: str
    run_as: tuple[str, str] | None


_CONFIGURATION = Template(
    """\
# Written at every start of the stand: changes are lost.
daemon off;
pid $pid_file;
error_log stderr warn;
# One is enough for a laptop, and for thousands of connections.
worker_processes 1;
$user
events {
    worker_connections 1024;
}

http {
    # The stand counts and shows requests itself; a file would only grow.
    access_log off;
    server_tokens off;
    client_body_temp_path temporary/body;
    proxy_temp_path temporary/proxy;
    fastcgi_temp_path temporary/fastcgi;
    uwsgi_temp_path temporary/uwsgi;
    scgi_temp_path temporary/scgi;
    client_max_body_size $max_body_bytes;

    # The caller's identifier if it looks like one, else a new one.
    map $$http_x_request_id $$the_request_id {
        "~^[0-9A-Za-z._:-]{1,128}$$" $$http_x_request_id;
        default $$request_id;
    }
    # Connection is a header of one hop (RFC 9110, section 7.6.1): empty, it lets connections to
    # the upstream be used again.
    map $$http_upgrade $$connection_to_upstream {
        default upgrade;
        "" "";
    }
    # gRPC over HTTP/2 only: gRPC-Web is plain HTTP.
    map $$content_type $$is_grpc {
        "~^application/grpc(\\+[a-z]+)?($$|[ ;])" 1;
        default 0;
    }
    # Two servers of gRPC behind one address, told apart by the package in the path.
    map $$uri $$grpc_servers {
        "~^/lavka\\.delivery\\." grpc_of_delivery;
        default grpc_of_stand;
    }
    map $$uri $$grpc_address {
        "~^/lavka\\.delivery\\." "$delivery_upstream";
        default "$grpc_upstream";
    }
    # Never what the caller says himself.
    map $$ssl_client_verify $$client_subject {
        SUCCESS $$ssl_client_s_dn;
        default "";
    }
    map $$ssl_client_verify $$client_verdict {
        "" "there is no TLS";
        NONE "none was shown";
        default $$ssl_client_verify;
    }
    # As it came, escapes and all; empty for a path that only becomes one of these when it is read.
    map $$request_uri $$partner_uri {
        "~^$partner_path(/.*)$$" $$1;
        default "";
    }

    upstream http_of_stand {
        server $http_upstream max_fails=0;
        keepalive 16;
        # Shorter than the stand's own patience of 5 s: who hangs up first must be this side, or a
        # request is sent into a closing connection.
        keepalive_timeout 3s;
    }
    upstream grpc_of_stand {
        server $grpc_upstream max_fails=0;
        keepalive 16;
    }
    upstream grpc_of_delivery {
        server $delivery_upstream max_fails=0;
        keepalive 16;
    }

    server {
        listen $address:$http_port default_server;
        listen $address:$https_port ssl default_server;
        # On the plain port too, for clients that know beforehand (RFC 9113, section 3.3), as those
        # of gRPC do.
        http2 on;
        ssl_certificate $certificate;
        ssl_certificate_key $certificate;
        ssl_session_cache shared:tls:1m;
        # Nobody needs a certificate, but who shows one must have it from this very authority.
        ssl_client_certificate $authority;
        ssl_verify_client optional;

        add_header X-Request-ID $$the_request_id always;
        # The service behind answers for its own paths: none is made prettier here.
        merge_slashes off;
        recursive_error_pages on;
        # A status that nobody uses, as the way to another location with the path and the body
        # untouched: bodies of gRPC are streams, which no limit of size must end.
        error_page 418 = @grpc;
        # Paths, not named locations, which a request without a readable path cannot enter.
$error_pages
        proxy_http_version 1.1;
        # Server-sent events, and whatever else arrives bit by bit, leaves bit by bit.
        proxy_buffering off;
        proxy_connect_timeout 2s;
        # Of silence. Streams of the stand send a heartbeat more often.
        proxy_read_timeout 60s;
        proxy_next_upstream off;
        proxy_set_header Upgrade $$http_upgrade;
        proxy_set_header Connection $$connection_to_upstream;
$proxy_headers
$grpc_headers

        location / {
            if ($$is_grpc) {
                return 418;
            }
            proxy_pass http://http_of_stand;
        }

        # The same services for a partner that proves who he is with a certificate (mutual TLS).
        location $partner_path/ {
            if ($$client_subject = "") {
                return 496;
            }
            if ($$partner_uri = "") {
                return 404;
            }
            proxy_pass http://http_of_stand$$partner_uri;
        }

        location @grpc {
            client_max_body_size 0;
            # A stream may be silent for as long as its caller's deadline lets it.
            client_body_timeout 1h;
            grpc_read_timeout 1h;
            grpc_send_timeout 1h;
            grpc_connect_timeout 2s;
            grpc_next_upstream off;
            grpc_pass grpc://$$grpc_servers;
            error_page 502 504 = @grpc_unavailable;
        }

        location @grpc_unavailable {
            internal;
            default_type application/grpc;
            add_header X-Request-ID $$the_request_id always;
            # UNAVAILABLE, in trailers that come alone (gRPC over HTTP/2, Responses).
            add_header grpc-status 14 always;
            add_header grpc-message "gateway: no answer from $$grpc_address" always;
            return 200;
        }
    }
}
"""
)

_ERROR_PAGE = Template(
    """\
        error_page $statuses =$status /.gateway/$status;
        location = /.gateway/$status {
            internal;
            default_type application/problem+json;
            add_header X-Request-ID $$the_request_id always;
            add_header Retry-After $retry_after always;
            return $status '$problem';
        }
"""
)

_HEADERS = (
    ("Host", "$http_host"),
    # Replaced, not appended to: nobody trustworthy stands in front of this gateway.
    ("X-Forwarded-For", "$remote_addr"),
    ("X-Forwarded-Host", "$http_host"),
    ("X-Forwarded-Port", "$server_port"),
    ("X-Forwarded-Proto", "$scheme"),
    ("X-Request-ID", "$the_request_id"),
    (SUBJECT_HEADER, "$client_subject"),
)


@dataclass(frozen=True, slots=True)
class _Problem:
    """What the gateway says itself (RFC 9457).

    Attributes:
        status: of the answer.
        statuses: of NGINX, which has some that nobody ever sees: 494 is a header that is too
            large, 497 plain HTTP on the port of TLS.
    """

    status: int
    code: EdgeErrorCode
    detail: str
    statuses: str
    retry_after: str = ""


def _problems(gateway: Gateway) -> tuple[_Problem, ...]:
    return (*_refusals(gateway), *_failures(gateway))


def _refusals(gateway: Gateway) -> tuple[_Problem, ...]:
    port = gateway.https_port
    megabytes = MAX_BODY_BYTES // 1024**2
    return (
        _Problem(
            400,
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The gateway cannot read the request: its first line or a header is broken or longer "
            f"than 8 KB, or it is plain HTTP on the port of HTTPS, {port}.",
            "400 494 497",
        ),
        # NGINX has no status of its own for these two that anybody else would understand: a
        # certificate that was refused, and none where one is demanded.
        _Problem(
            403,
            EdgeErrorCode.FORBIDDEN,
            f"The paths below {PARTNER_PATH}/ are for who shows, over HTTPS, a certificate of a "
            "client from the authority of this stand, such as partner.pem beside ca.pem; elsewhere "
            "none is needed. Verdict on the certificate: $client_verdict.",
            "495 496",
        ),
        _Problem(
            404,
            EdgeErrorCode.NO_SUCH_OPERATION,
            "The paths below /.gateway/ are for the gateway itself, and those below "
            f"{PARTNER_PATH}/ begin so as they are written.",
            "404",
        ),
        _Problem(
            405,
            EdgeErrorCode.METHOD_NOT_ALLOWED,
            "The gateway passes neither TRACE nor CONNECT on.",
            "405",
        ),
        _Problem(
            413,
            EdgeErrorCode.MESSAGE_TOO_LARGE,
            f"The gateway passes on bodies of up to {megabytes} MB.",
            "413",
        ),
        _Problem(
            414,
            EdgeErrorCode.MESSAGE_TOO_LARGE,
            "The gateway passes on addresses of up to 8 KB.",
            "414",
        ),
    )


def _failures(gateway: Gateway) -> tuple[_Problem, ...]:
    upstream = gateway.http_upstream
    return (
        _Problem(
            500,
            EdgeErrorCode.INTERNAL,
            "The gateway failed. Its log tells why: nginx.log of the stand.",
            "500",
        ),
        _Problem(
            502,
            EdgeErrorCode.UNAVAILABLE,
            f"The gateway got no answer from {upstream}: the stand behind it is starting, ending "
            "or gone. Retry in a second.",
            "502 503",
            retry_after="1",
        ),
        _Problem(
            504,
            EdgeErrorCode.DEADLINE_EXCEEDED,
            f"The gateway waited for {upstream} for too long: 2 s for a connection, 60 s for the "
            "next byte of an answer.",
            "504",
        ),
    )


def nginx_conf(gateway: Gateway) -> str:
    """The whole file. NGINX reads it as UTF-8."""
    return _CONFIGURATION.substitute(
        pid_file=PID_FILE,
        user='user "{}" "{}";\n'.format(*gateway.run_as) if gateway.run_as else "",
        max_body_bytes=MAX_BODY_BYTES,
        http_upstream=gateway.http_upstream,
        grpc_upstream=gateway.grpc_upstream,
        delivery_upstream=gateway.delivery_upstream,
        partner_path=PARTNER_PATH,
        authority=AUTHORITY,
        address=f"[{gateway.host}]" if ":" in gateway.host else gateway.host,
        http_port=gateway.http_port,
        https_port=gateway.https_port,
        certificate=CERTIFICATE,
        error_pages="".join(_error_page(problem) for problem in _problems(gateway)),
        proxy_headers=_set_headers("proxy"),
        grpc_headers=_set_headers("grpc"),
    )


def _error_page(problem: _Problem) -> str:
    body = {
        "type": f"/errors/{problem.code}",
        "title": problem.code.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    return _ERROR_PAGE.substitute(
        statuses=problem.statuses,
        status=problem.status,
        retry_after=f'"{problem.retry_after}"',
        problem=json.dumps(body),
    )


def _set_headers(module: str) -> str:
    return "\n".join(f"        {module}_set_header {name} {value};" for name, value in _HEADERS)
