"""A cache as RFC 9111 has it, private or shared, without bytes: what it keeps and when it asks.

What a body says stands in `Response.content`, so that an exercise can tell whose it is and how old.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

_HEURISTIC_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Policy:
    """Header fields of one resource."""

    directives: Mapping[str, float | None]
    etag: str
    vary: tuple[str, ...]

    def has(self, name: str) -> bool:
        return name in self.directives

    def may_store(self, *, is_shared: bool) -> bool:
        """RFC 9111, 3."""
        return not (self.has("no-store") or (is_shared and self.has("private")))

    def lifetime_s(self, *, is_shared: bool, unchanged_s: float) -> float:
        """RFC 9111, 4.2.1; where nothing is said a cache thinks of something (4.2.2)."""
        names = ("s-maxage", "max-age") if is_shared else ("max-age",)
        for name in names:
            if (seconds := self.directives.get(name)) is not None:
                return seconds
        return unchanged_s * _HEURISTIC_SHARE


@dataclass(frozen=True, slots=True)
class Request:
    """
    Attributes:
        tag: of what the sender has, for If-None-Match; `since` is for If-Modified-Since.
    """

    name: str
    fields: Mapping[str, str]
    is_reload: bool = False
    tag: str | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """
    Attributes:
        content: whose, in which language and encoding, and which version it is.
        since: Last-Modified, which counts whole seconds.
        unchanged_s: how long it had not changed when it was made.
        is_304: nothing but header fields came.
    """

    content: tuple[str, str, str, int]
    tag: str | None
    since: int
    unchanged_s: float
    policy: Policy
    age_s: float = 0.0
    is_304: bool = False


@dataclass(slots=True)
class Stored:
    """
    Attributes:
        key: the fields of the request that Vary names.
    """

    key: Mapping[str, str]
    response: Response
    at_s: float

    def age_s(self, now: float) -> float:
        return self.response.age_s + now - self.at_s


Ask = Callable[[Request, float], Response]


@dataclass
class Cache:
    """Private in a browser, shared in the CDN."""

    upstream: Ask
    is_shared: bool
    stored: dict[str, list[Stored]] = field(default_factory=dict)
    was_hit: bool = False
    body_came: bool = False

    def ask(self, request: Request, now: float) -> Response:
        found = self._found(request)
        self.was_hit = found is not None and self._is_usable(found, request, now)
        self.body_came = False
        if found is None or not self.was_hit:
            response, age = self._asked(request, found, now), 0.0
        else:
            response, age = found.response, found.age_s(now)
            if age > self._lifetime(found):
                # It is served stale, and brought up to date behind (RFC 5861, 3).
                self._asked(request, found, now)
        return conditional(request, response, age or response.age_s)

    def _found(self, request: Request) -> Stored | None:
        for one in reversed(self.stored.get(request.name, [])):
            if "*" not in one.response.policy.vary and one.key == _key(one.response, request):
                return one
        return None

    def _is_usable(self, found: Stored, request: Request, now: float) -> bool:
        policy, age = found.response.policy, found.age_s(now)
        lifetime = self._lifetime(found)
        if policy.has("no-cache"):
            return False
        # A reload asks again, unless it is known that nothing changes (RFC 8246). CDNs do not
        # listen to what browsers say of caching.
        if request.is_reload and not self.is_shared and not policy.has("immutable"):
            return False
        if age < lifetime:
            return True
        late = policy.directives.get("stale-while-revalidate") or 0.0
        return age < lifetime + late and not policy.has("must-revalidate")

    def _lifetime(self, found: Stored) -> float:
        response = found.response
        return response.policy.lifetime_s(
            is_shared=self.is_shared, unchanged_s=response.unchanged_s
        )

    def _asked(self, request: Request, found: Stored | None, now: float) -> Response:
        tag, since = request.tag, request.since
        if found is not None:
            tag, since = found.response.tag, found.response.since
        came = self.upstream(
            Request(request.name, request.fields, request.is_reload, tag, since), now
        )
        self.body_came = not came.is_304
        if came.is_304 and found is not None:
            came = replace(came, content=found.response.content, is_304=False)
        if not came.is_304 and came.policy.may_store(is_shared=self.is_shared):
            kept = [
                one for one in self.stored.get(request.name, []) if one.key != _key(came, request)
            ]
            self.stored[request.name] = [*kept, Stored(_key(came, request), came, now)]
        return came


def _key(response: Response, request: Request) -> Mapping[str, str]:
    return {name: request.fields.get(name, "") for name in response.policy.vary}


def conditional(request: Request, response: Response, age_s: float) -> Response:
    """A 304 where the sender has it already: by its tag, else by its date (RFC 9110, 13.2.2)."""
    if request.tag is not None and response.tag is not None:
        is_same = request.tag == response.tag
    else:
        is_same = request.since is not None and request.since >= response.since
    return replace(response, age_s=age_s, is_304=response.is_304 or is_same)
