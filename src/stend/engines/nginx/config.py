"""The gateway's nginx.conf, as text. Paths are relative to NGINX's prefix, the gateway's home."""

import json
from dataclasses import dataclass
from string import Template

from stend.kit.errors import EdgeErrorCode

# Relative to the home.
CERTIFICATES = "tls"
CERTIFICATE = f"{CERTIFICATES}/gateway.pem"
PID_FILE = "nginx.pid"
# Of requests over HTTP; services have limits of their own, smaller ones, and answer in their own
# words. It only keeps the disk from being filled, as a body is buffered before it is passed on.
MAX_BODY_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    Attributes:
        http_upstream, grpc_upstream: `host:port` of what stands behind the gateway.
        run_as: user and group of the workers; None: whoever starts them.
    """

    host: str
    http_port: int
    https_port: int
    http_upstream: str
    grpc_upstream: str
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

    server {
        listen $address:$http_port default_server;
        listen $address:$https_port ssl default_server;
        # On the plain port too, for clients that know beforehand (RFC 9113, section 3.3), as those
        # of gRPC do.
        http2 on;
        ssl_certificate $certificate;
        ssl_certificate_key $certificate;
        ssl_session_cache shared:tls:1m;

        add_header X-Request-ID $$the_request_id always;
        # The service behind answers for its own paths: none is made prettier here.
        merge_slashes off;
        recursive_error_pages on;
        # A status that nobody uses, as the way to another location with the path and the body
        # untouched: bodies of gRPC are streams, which no limit of size must end.
        error_page 418 = @grpc;
        # Paths, not named locations, which a request without a readable path cannot enter.
$error_pages
        location / {
            if ($$is_grpc) {
                return 418;
            }
            proxy_pass http://http_of_stand;
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
        }

        location @grpc {
            client_max_body_size 0;
            # A stream may be silent for as long as its caller's deadline lets it.
            client_body_timeout 1h;
            grpc_read_timeout 1h;
            grpc_send_timeout 1h;
            grpc_connect_timeout 2s;
            grpc_next_upstream off;
            grpc_pass grpc://grpc_of_stand;
            error_page 502 504 = @grpc_unavailable;
$grpc_headers
        }

        location @grpc_unavailable {
            internal;
            default_type application/grpc;
            add_header X-Request-ID $$the_request_id always;
            # UNAVAILABLE, in trailers that come alone (gRPC over HTTP/2, Responses).
            add_header grpc-status 14 always;
            add_header grpc-message "gateway: no answer from $grpc_upstream" always;
            return 200;
        }
    }
}
"""
)

_ERROR_PAGE = Template(
    """\
        error_page $statuses /.gateway/$status;
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
    upstream, port = gateway.http_upstream, gateway.https_port
    megabytes = MAX_BODY_BYTES // 1024**2
    return (
        _Problem(
            400,
            EdgeErrorCode.MALFORMED_MESSAGE,
            "The gateway cannot read the request: its first line or a header is broken or longer "
            f"than 8 KB, or it is plain HTTP on the port of HTTPS, {port}.",
            "400 494 497",
        ),
        _Problem(
            404,
            EdgeErrorCode.NO_SUCH_OPERATION,
            "The paths below /.gateway/ are for the gateway itself.",
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
    return "\n".join(f"            {module}_set_header {name} {value};" for name, value in _HEADERS)
