"""What this server does not do, though MySQL does. Each line has a test with its code."""

from stend.engines.limitation import Limitation
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "read-after-others",
        Text(
            ru="REPEATABLE READ: простой SELECT из таблицы, в которую писала и сама транзакция, и "
            "(после её снимка) другая, — ошибка 1020",
            en="REPEATABLE READ: a plain SELECT of a table that the transaction itself has written "
            "and another one has changed since its snapshot is error 1020",
        ),
    ),
)
