from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssignCourierRequest(_message.Message):
    __slots__ = ("order_id", "address")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    address: str
    def __init__(self, order_id: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("order_id", "courier_id")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    COURIER_ID_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    courier_id: str
    def __init__(self, order_id: _Optional[str] = ..., courier_id: _Optional[str] = ...) -> None: ...

class TrackCourierRequest(_message.Message):
    __slots__ = ("order_id", "from_step")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_STEP_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    from_step: int
    def __init__(self, order_id: _Optional[str] = ..., from_step: _Optional[int] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("step", "latitude", "longitude", "state")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Position.State]
        STATE_UNDER_WAY: _ClassVar[Position.State]
        STATE_DELIVERED: _ClassVar[Position.State]
    STATE_UNSPECIFIED: Position.State
    STATE_UNDER_WAY: Position.State
    STATE_DELIVERED: Position.State
    STEP_FIELD_NUMBER: _ClassVar[int]
    LATITUDE_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    step: int
    latitude: float
    longitude: float
    state: Position.State
    def __init__(self, step: _Optional[int] = ..., latitude: _Optional[float] = ..., longitude: _Optional[float] = ..., state: _Optional[_Union[Position.State, str]] = ...) -> None: ...
