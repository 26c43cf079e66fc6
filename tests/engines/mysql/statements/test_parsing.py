"""A statement's text becomes a tree that means what MySQL reads, or is refused."""

import pytest
from sqlglot import exp

from stend.engines.mysql.errors import MyError, MySqlError
from stend.engines.mysql.sql.lexing import MAX_NESTING, split
from stend.engines.mysql.sql.parsing import ITEM_TEXTS, NUMBER, Statement, parse

SYNTAX_ERROR = (
    "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server "
    "version for the right syntax to use"
)


def parsed(text: str) -> Statement:
    (source,) = split(text)
    return parse(source)


def refusal(text: str) -> MySqlError:
    with pytest.raises(MySqlError) as caught:
        _ = [parse(source) for source in split(text)]
    return caught.value


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("select 1; select 2;", ["select 1", "select 2"]),
        (";; select 1 ;\n;", ["select 1"]),
        ("select ';' , \";\", `;` -- ; x\n; select 2", ["select ';' , \";\", `;`", "select 2"]),
        ("select 'it''s \\'; ' ; select 2", ["select 'it''s \\'; '", "select 2"]),
        ("/* ; */ select 1 # ; \n", ["select 1"]),
        ("select 5--3", ["select 5--3"]),
        ("select 5 --\t3", ["select 5"]),
        ("select /*!50000 1 + */ 1", ["select          1 +    1"]),
        ("select /*+ NO_ICP(t) */ 1", ["select                  1"]),
        ("select '/* x */'", ["select '/* x */'"]),
        ("-- nothing", []),
    ],
)
def test_a_query_is_split_into_statements(text: str, statements: list[str]) -> None:
    assert [source.clean.strip() for source in split(text)] == statements


@pytest.mark.parametrize(
    ("text", "near", "line"),
    [
        ("select a, from t", "from t", 1),
        ("select a,,b from t", ",b from t", 1),
        ("select from t", "from t", 1),
        ("select a from t\nwhere", "", 2),
        ("select a from t group by", "", 1),
        ("select a from t group by having 1", "having 1", 1),
        ("select a b c", "c", 1),
        ("select 1\n  + 'abc", "'abc", 2),
        ("select `x", "`x", 1),
        ("select (1", "", 1),
        ("select 1) from t", ") from t", 1),
        ("select 1 /* never", "/* never", 1),
        ("select order from t", "order from t", 1),
        ("select a from t as rank", "rank", 1),
        ("select a from t limit 1 limit 2", "limit 2", 1),
        ("select a from t limit 1 where b", "where b", 1),
        ("select a from t where (select b from u having 1 where 2)", "where 2)", 1),
        ("update t set a = 1 where b = 1 where b = 2", "where b = 2", 1),
        ("update t set a = 1 set b = 2", "set b = 2", 1),
        ("delete from t limit 1 where a", "where a", 1),
        ("select a from t group by a desc", "desc", 1),
        ("selct 1", "selct 1", 1),
        ("select 1; selct 2", "selct 2", 1),
        ("insert into t values (1,)", ")", 1),
    ],
)
def test_a_syntax_error_names_the_place(text: str, near: str, line: int) -> None:
    error = refusal(text)
    assert (error.error, error.message) == (
        MyError.ER_PARSE_ERROR,
        f"{SYNTAX_ERROR} near '{near}' at line {line}",
    )


@pytest.mark.parametrize(
    "text",
    [
        # sqlglot takes them from the right or from the left, MySQL the other way round.
        "select a = not b",
        "select a + b collate utf8mb4_bin",
        "select a like b like c",
        "select a in (1) in (2)",
        "select a between 1 and 2 between 3 and 4",
        "select /*!90000 1 */ 2",
        "select /*+ SET_VAR(sql_mode = '') */ 2",
        "select /*+ MAX_EXECUTION_TIME(10) */ 2",
        "select * from a join b join c join d join e join f join g join h join i join j join k",
        "update t set a = default(b)",
    ],
)
def test_what_would_be_read_otherwise_is_refused(text: str) -> None:
    assert refusal(text).error is MyError.ER_NOT_SUPPORTED_YET


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("select a or b and c xor d", "select a or ((b and c) xor d)"),
        ("select a | b & c << d + e * f ^ g", "select a | (b & (c << (d + (e * (f ^ g)))))"),
        ("select - a ^ b", "select (- a) ^ b"),
        ("select not a = b and c", "select (not (a = b)) and c"),
        ("select !a = b", "select (not a) = b"),
        ("select a = b is null", "select (a = b) is null"),
        ("select a not in (1) = b", "select (not a in (1)) = b"),
        ("select a || b && c", "select a or (b and c)"),
        ("select a between 1 and 2 = b", "select (a between 1 and 2) = b"),
        ("select a mod b div c % d", "select ((a % b) div c) % d"),
        ("select a like b = c", "select (a like b) = c"),
        ("select a < b = c", "select (a < b) = c"),
    ],
)
def test_operators_bind_as_in_mysql(text: str, same: str) -> None:
    assert _shape(parsed(text).node) == _shape(parsed(same).node)


def _shape(node: object) -> object:
    if isinstance(node, exp.Paren):
        return _shape(node.this)
    if isinstance(node, list):
        return [_shape(one) for one in node]
    if isinstance(node, exp.Expression):
        return [node.key, {key: _shape(value) for key, value in node.args.items()}]
    return node


def test_items_keep_their_text() -> None:
    statement = parsed(
        "select distinct 1 /* c */ + 2, COUNT(*)  , 'a', (select x, 2 from u), t.from, b as c"
        " from (select 5--3, b from v union all select ',', 1) t where a in (select 7) for update"
    )
    texts = [select.meta[ITEM_TEXTS] for select in statement.node.find_all(exp.Select)]
    assert sorted(texts) == [
        ("','", "1"),
        ("1 /* c */ + 2", "COUNT(*)", "'a'", "(select x, 2 from u)", "t.from", "b as c"),
        ("5--3", "b"),
        ("7",),
        ("x", "2"),
    ]
    assert statement.node.meta[ITEM_TEXTS] == texts[0]


def test_placeholders_are_numbered_by_the_text() -> None:
    statement = parsed("with c as (select ? as a) select '?', ?, a from c where a = ? limit ?, ?")
    assert statement.placeholders == 5
    where = statement.node.args["where"].find(exp.Placeholder)
    limit, offset = (statement.node.args[key].find(exp.Placeholder) for key in ("limit", "offset"))
    assert [one.meta[NUMBER] for one in (where, offset, limit)] == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "is_replace", "is_ignore"),
    [
        ("insert low_priority ignore into t values (1)", False, True),
        ("insert into t values (1)", False, False),
        ("replace delayed into t values (1)", True, False),
        ("REPLACE t values (1)", True, False),
        ("update low_priority ignore t set a = 1", False, True),
        ("update t set a = 1", False, False),
        ("delete quick ignore from t", False, True),
    ],
)
def test_words_after_the_first(text: str, is_replace: bool, is_ignore: bool) -> None:
    statement = parsed(text)
    assert (statement.is_replace, statement.is_ignore) == (is_replace, is_ignore)


def test_long_chains_become_flat() -> None:
    node = parsed("select " + " or ".join(f"a = {number}" for number in range(2000))).node
    depth, level = 0, [node]
    while level:
        depth, level = depth + 1, [child for one in level for child in one.iter_expressions()]
    assert depth < 20
    assert [int(one.expression.this) for one in node.find_all(exp.EQ, bfs=False)] == [*range(2000)]


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * (MAX_NESTING + 1) + "1" + ")" * (MAX_NESTING + 1),
        "select " + "(" * 20_000,
        "select * from " + "(select * from " * 4_000 + "t" + ") x" * 4_000,
        "select " + "not " * 8_000 + "1",
        "select " + "- " * 8_000 + "1",
        "select " + "case when " * 4_000 + "1" + " then 1 end" * 4_000,
    ],
    ids=["parentheses", "open", "derived", "not", "minus", "case"],
)
def test_depth_is_bounded(text: str) -> None:
    assert refusal(text).error is MyError.ER_STACK_OVERRUN_NEED_MORE


def test_only_binary_strings_hold_other_bytes() -> None:
    assert parsed("select _binary'\udcff\udc80', x'00'").placeholders == 0
    error = refusal("select 'a\udcff\udc80'")
    assert error.error is MyError.ER_INVALID_CHARACTER_STRING
    assert error.message == "Invalid utf8mb4 character string: '\\xFF\\x80'"
