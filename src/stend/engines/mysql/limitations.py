"""What this server does not do, though MySQL does. Each line has a test with its code."""

from stend.engines.limitation import Limitation
from stend.kit.languages import Text

LIMITATIONS = (
    Limitation(
        "read-after-others",
        Text(
            ru="REPEATABLE READ: SELECT из таблицы без первичного ключа или из представления, в "
            "которые писала и сама транзакция, и (после её снимка) другая, — ошибка 1020",
            en="REPEATABLE READ: a SELECT of a table without a primary key, or of a view, that the "
            "transaction itself has written and another one since its snapshot is error 1020",
        ),
    ),
)
