"""Methods written once and typed for both clients.

`@operation` and `@listing` stand over functions that only say what is asked. Reached through a
resource of `Susa` they block and return the answer, through one of `AsyncSusa` they return what
is awaited: by the overloads below a type checker sees either with the very same parameters.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from susa_client.call import Call
from susa_client.models import Page

if TYPE_CHECKING:
    from susa_client.client import AsyncSusa, Susa

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound="Susa | AsyncSusa")


class Resource(Generic[C]):
    """Operations of one kind, of one client."""

    def __init__(self, client: C) -> None:
        self._client = client


class operation(Generic[P, T]):  # noqa: N801 - a decorator
    def __init__(self, build: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: "Resource[Susa]", owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, resource: "Resource[AsyncSusa]", owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        if resource is None:
            return self

        def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            return resource._client.send(self.build(resource, *args, **kwargs))  # noqa: SLF001

        return update_wrapper(bound, self.build)


class listing(Generic[P, T]):  # noqa: N801 - a decorator
    """Of a list: everything in it, page by page, as it is iterated over."""

    def __init__(self, build: Callable[Concatenate[Any, P], Call[Page[T]]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, resource: None, owner: type) -> Self: ...
    @overload
    def __get__(self, resource: "Resource[Susa]", owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(
        self, resource: "Resource[AsyncSusa]", owner: type
    ) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, resource: Any, owner: type) -> Any:
        if resource is None:
            return self

        def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            client = resource._client  # noqa: SLF001 - its own client
            return client.iterate(client.core.items(self.build(resource, *args, **kwargs)))

        return update_wrapper(bound, self.build)
