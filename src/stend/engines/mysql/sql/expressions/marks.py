"""Names by which marked calls are known in the parser's trees."""

# No unquoted identifier of MySQL has a colon in it.
MARK = "call:"
# DATE '…' is a call too, of DATE with this behind the name.
TYPED = " literal"
