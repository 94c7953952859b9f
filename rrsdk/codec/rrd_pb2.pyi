from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StoreKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STORE_KIND_UNSPECIFIED: _ClassVar[StoreKind]
    STORE_KIND_RECORDING: _ClassVar[StoreKind]
    STORE_KIND_BLUEPRINT: _ClassVar[StoreKind]

class Compression(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPRESSION_UNSPECIFIED: _ClassVar[Compression]
    COMPRESSION_NONE: _ClassVar[Compression]
    COMPRESSION_LZ4: _ClassVar[Compression]

class EncoderVersion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODER_VERSION_UNSPECIFIED: _ClassVar[EncoderVersion]
    ENCODER_VERSION_V0: _ClassVar[EncoderVersion]

class Encoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_UNSPECIFIED: _ClassVar[Encoding]
    ENCODING_ARROW_IPC: _ClassVar[Encoding]

class StoreSourceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STORE_SOURCE_KIND_UNSPECIFIED: _ClassVar[StoreSourceKind]
    STORE_SOURCE_KIND_C_SDK: _ClassVar[StoreSourceKind]
    STORE_SOURCE_KIND_PYTHON_SDK: _ClassVar[StoreSourceKind]
    STORE_SOURCE_KIND_RUST_SDK: _ClassVar[StoreSourceKind]
    STORE_SOURCE_KIND_FILE: _ClassVar[StoreSourceKind]
    STORE_SOURCE_KIND_VIEWER: _ClassVar[StoreSourceKind]
    STORE_SOURCE_KIND_OTHER: _ClassVar[StoreSourceKind]
STORE_KIND_UNSPECIFIED: StoreKind
STORE_KIND_RECORDING: StoreKind
STORE_KIND_BLUEPRINT: StoreKind
COMPRESSION_UNSPECIFIED: Compression
COMPRESSION_NONE: Compression
COMPRESSION_LZ4: Compression
ENCODER_VERSION_UNSPECIFIED: EncoderVersion
ENCODER_VERSION_V0: EncoderVersion
ENCODING_UNSPECIFIED: Encoding
ENCODING_ARROW_IPC: Encoding
STORE_SOURCE_KIND_UNSPECIFIED: StoreSourceKind
STORE_SOURCE_KIND_C_SDK: StoreSourceKind
STORE_SOURCE_KIND_PYTHON_SDK: StoreSourceKind
STORE_SOURCE_KIND_RUST_SDK: StoreSourceKind
STORE_SOURCE_KIND_FILE: StoreSourceKind
STORE_SOURCE_KIND_VIEWER: StoreSourceKind
STORE_SOURCE_KIND_OTHER: StoreSourceKind

class ApplicationId(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class StoreId(_message.Message):
    __slots__ = ("kind", "recording_id", "application_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    RECORDING_ID_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_ID_FIELD_NUMBER: _ClassVar[int]
    kind: StoreKind
    recording_id: str
    application_id: ApplicationId
    def __init__(self, kind: _Optional[_Union[StoreKind, str]] = ..., recording_id: _Optional[str] = ..., application_id: _Optional[_Union[ApplicationId, _Mapping]] = ...) -> None: ...

class Tuid(_message.Message):
    __slots__ = ("time_ns", "inc")
    TIME_NS_FIELD_NUMBER: _ClassVar[int]
    INC_FIELD_NUMBER: _ClassVar[int]
    time_ns: int
    inc: int
    def __init__(self, time_ns: _Optional[int] = ..., inc: _Optional[int] = ...) -> None: ...

class TableId(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class Schema(_message.Message):
    __slots__ = ("arrow_schema",)
    ARROW_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    arrow_schema: bytes
    def __init__(self, arrow_schema: _Optional[bytes] = ...) -> None: ...

class DataframePart(_message.Message):
    __slots__ = ("encoder_version", "payload", "compression", "uncompressed_size")
    ENCODER_VERSION_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    UNCOMPRESSED_SIZE_FIELD_NUMBER: _ClassVar[int]
    encoder_version: EncoderVersion
    payload: bytes
    compression: Compression
    uncompressed_size: int
    def __init__(self, encoder_version: _Optional[_Union[EncoderVersion, str]] = ..., payload: _Optional[bytes] = ..., compression: _Optional[_Union[Compression, str]] = ..., uncompressed_size: _Optional[int] = ...) -> None: ...

class SetStoreInfo(_message.Message):
    __slots__ = ("row_id", "info")
    ROW_ID_FIELD_NUMBER: _ClassVar[int]
    INFO_FIELD_NUMBER: _ClassVar[int]
    row_id: Tuid
    info: StoreInfo
    def __init__(self, row_id: _Optional[_Union[Tuid, _Mapping]] = ..., info: _Optional[_Union[StoreInfo, _Mapping]] = ...) -> None: ...

class ArrowMsg(_message.Message):
    __slots__ = ("store_id", "compression", "uncompressed_size", "encoding", "payload", "chunk_id", "is_static")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    UNCOMPRESSED_SIZE_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ID_FIELD_NUMBER: _ClassVar[int]
    IS_STATIC_FIELD_NUMBER: _ClassVar[int]
    store_id: StoreId
    compression: Compression
    uncompressed_size: int
    encoding: Encoding
    payload: bytes
    chunk_id: Tuid
    is_static: bool
    def __init__(self, store_id: _Optional[_Union[StoreId, _Mapping]] = ..., compression: _Optional[_Union[Compression, str]] = ..., uncompressed_size: _Optional[int] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., payload: _Optional[bytes] = ..., chunk_id: _Optional[_Union[Tuid, _Mapping]] = ..., is_static: bool = ...) -> None: ...

class BlueprintActivationCommand(_message.Message):
    __slots__ = ("blueprint_id", "make_active", "make_default")
    BLUEPRINT_ID_FIELD_NUMBER: _ClassVar[int]
    MAKE_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    MAKE_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    blueprint_id: StoreId
    make_active: bool
    make_default: bool
    def __init__(self, blueprint_id: _Optional[_Union[StoreId, _Mapping]] = ..., make_active: bool = ..., make_default: bool = ...) -> None: ...

class LogMsg(_message.Message):
    __slots__ = ("set_store_info", "arrow_msg", "blueprint_activation_command")
    SET_STORE_INFO_FIELD_NUMBER: _ClassVar[int]
    ARROW_MSG_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_ACTIVATION_COMMAND_FIELD_NUMBER: _ClassVar[int]
    set_store_info: SetStoreInfo
    arrow_msg: ArrowMsg
    blueprint_activation_command: BlueprintActivationCommand
    def __init__(self, set_store_info: _Optional[_Union[SetStoreInfo, _Mapping]] = ..., arrow_msg: _Optional[_Union[ArrowMsg, _Mapping]] = ..., blueprint_activation_command: _Optional[_Union[BlueprintActivationCommand, _Mapping]] = ...) -> None: ...

class StoreInfo(_message.Message):
    __slots__ = ("application_id", "store_id", "store_source", "store_version")
    APPLICATION_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    STORE_VERSION_FIELD_NUMBER: _ClassVar[int]
    application_id: ApplicationId
    store_id: StoreId
    store_source: StoreSource
    store_version: StoreVersion
    def __init__(self, application_id: _Optional[_Union[ApplicationId, _Mapping]] = ..., store_id: _Optional[_Union[StoreId, _Mapping]] = ..., store_source: _Optional[_Union[StoreSource, _Mapping]] = ..., store_version: _Optional[_Union[StoreVersion, _Mapping]] = ...) -> None: ...

class StoreSource(_message.Message):
    __slots__ = ("kind", "extra")
    KIND_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    kind: StoreSourceKind
    extra: StoreSourceExtra
    def __init__(self, kind: _Optional[_Union[StoreSourceKind, str]] = ..., extra: _Optional[_Union[StoreSourceExtra, _Mapping]] = ...) -> None: ...

class StoreSourceExtra(_message.Message):
    __slots__ = ("payload",)
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    payload: bytes
    def __init__(self, payload: _Optional[bytes] = ...) -> None: ...

class PythonVersion(_message.Message):
    __slots__ = ("major", "minor", "patch", "suffix")
    MAJOR_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    PATCH_FIELD_NUMBER: _ClassVar[int]
    SUFFIX_FIELD_NUMBER: _ClassVar[int]
    major: int
    minor: int
    patch: int
    suffix: str
    def __init__(self, major: _Optional[int] = ..., minor: _Optional[int] = ..., patch: _Optional[int] = ..., suffix: _Optional[str] = ...) -> None: ...

class StoreVersion(_message.Message):
    __slots__ = ("crate_version_bits",)
    CRATE_VERSION_BITS_FIELD_NUMBER: _ClassVar[int]
    crate_version_bits: int
    def __init__(self, crate_version_bits: _Optional[int] = ...) -> None: ...

class RrdFooter(_message.Message):
    __slots__ = ("manifests",)
    MANIFESTS_FIELD_NUMBER: _ClassVar[int]
    manifests: _containers.RepeatedCompositeFieldContainer[RrdManifest]
    def __init__(self, manifests: _Optional[_Iterable[_Union[RrdManifest, _Mapping]]] = ...) -> None: ...

class RrdManifest(_message.Message):
    __slots__ = ("store_id", "sorbet_schema", "sorbet_schema_sha256", "data")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    SORBET_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    SORBET_SCHEMA_SHA256_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    store_id: StoreId
    sorbet_schema: Schema
    sorbet_schema_sha256: bytes
    data: DataframePart
    def __init__(self, store_id: _Optional[_Union[StoreId, _Mapping]] = ..., sorbet_schema: _Optional[_Union[Schema, _Mapping]] = ..., sorbet_schema_sha256: _Optional[bytes] = ..., data: _Optional[_Union[DataframePart, _Mapping]] = ...) -> None: ...
