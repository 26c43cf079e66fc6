"""Errors of MongoDB: the codes of its error_codes.yml, and how a command fails."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any


class Code(IntEnum):
    """By their own names, which a reply tells as `codeName`."""

    InternalError = 1
    BadValue = 2
    NoSuchKey = 4
    FailedToParse = 9
    Unauthorized = 13
    TypeMismatch = 14
    Overflow = 15
    InvalidLength = 16
    AuthenticationFailed = 18
    IllegalOperation = 20
    InvalidBSON = 22
    NamespaceNotFound = 26
    IndexNotFound = 27
    PathNotViable = 28
    CannotBackfillArray = 34
    ConflictingUpdateOperators = 40
    CursorNotFound = 43
    NoMatchingDocument = 47
    NamespaceExists = 48
    MaxTimeMSExpired = 50
    DollarPrefixedFieldName = 52
    InvalidIdField = 53
    NotSingleValueField = 54
    EmptyFieldName = 56
    CommandNotFound = 59
    ImmutableField = 66
    CannotCreateIndex = 67
    InvalidOptions = 72
    InvalidNamespace = 73
    UnknownReplWriteConcern = 79
    IndexOptionsConflict = 85
    IndexKeySpecsConflict = 86
    OperationFailed = 96
    UnsatisfiableWriteConcern = 100
    NotExactValueField = 111
    WriteConflict = 112
    CommandNotSupported = 115
    ConflictingOperationInProgress = 117
    DocumentValidationFailure = 121
    CursorInUse = 143
    ExceededMemoryLimit = 146
    InvalidPipelineOperator = 168
    CannotIndexParallelArrays = 171
    QueryPlanKilled = 175
    ClientMetadataCannotBeMutated = 186
    InvalidIndexSpecificationOption = 197
    IncompleteTransactionHistory = 217
    QueryFeatureNotAllowed = 224
    TransactionTooOld = 225
    MaxSubPipelineDepthExceeded = 232
    NotImplemented = 238
    ConversionFailure = 241
    SnapshotUnavailable = 246
    NoSuchTransaction = 251
    TransactionCommitted = 256
    InvalidResumeToken = 260
    TooManyLogicalSessions = 261
    OperationNotSupportedInTransaction = 263
    ChangeStreamFatalError = 280
    ChangeStreamHistoryLost = 286
    NoQueryExecutionPlans = 291
    QueryExceededMemoryLimitNoDiskUseAllowed = 292
    APIVersionError = 322
    APIStrictError = 323
    UnsupportedOpQueryCommand = 352
    BSONObjectTooLarge = 10334
    DuplicateKey = 11000
    InterruptedAtShutdown = 11600
    Interrupted = 11601
    DatabaseDifferCase = 13297
    OutOfDiskSpace = 14031
    NotARetryableWriteCommand = 50768


class MongoError(Exception):
    """A command that fails, in whole or for one of its statements.

    Args:
        code: one of `Code`, or the bare number of an error that has no name of its own: MongoDB
            names those `Location` and the number.
        message: one sentence, as close to MongoDB's own as is useful.
        labels: errorLabels, such as TransientTransactionError.
        details: further fields of the reply, such as keyPattern and keyValue of a DuplicateKey.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        labels: Sequence[str] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = int(code)
        self.message = message
        self.labels = tuple(labels)
        self.details = dict(details or {})

    @property
    def code_name(self) -> str:
        try:
            return Code(self.code).name
        except ValueError:
            return f"Location{self.code}"


def conversion_failure(message: str) -> MongoError:
    """A value that has no equal in the type that is asked for."""
    return MongoError(Code.ConversionFailure, message)
