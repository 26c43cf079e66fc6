"""Whether orders, money, goods and points agree: what every service has, side by side. Pure.

A three-way reconciliation, as a merchant does with the statement of his bank: an order is compared
only when its saga had ended before the run began, because until then its money and goods are on
their way and rightly differ.
"""
