"""Forms as browsers post them."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

FORM_LIMIT_BYTES = 64 * 1024
_FIELD_LIMIT = 512


async def form_of(request: Request) -> list[tuple[str, str]]:
    """
    Raises:
        HTTPException: 413 when the form is larger than FORM_LIMIT_BYTES.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT_BYTES:
            raise HTTPException(413)
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELD_LIMIT
        )
    except ValueError:
        raise HTTPException(413) from None
